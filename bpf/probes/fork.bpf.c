// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The child of a process that is followed is followed: added here, before it runs, so nothing of it is missed. */
static __always_inline void follow(struct task_struct* parent, struct task_struct* child) {
  __u32 from = BPF_CORE_READ(parent, tgid);
  __u32 to = BPF_CORE_READ(child, tgid);
  __u32 yes = 1;

  if (!(fixed.filters & BONGSU_FILTER_CHILDREN) || !bpf_map_lookup_elem(&followed, &from)) return;
  if (bpf_map_update_elem(&followed, &to, &yes, 0)) count_fault(BONGSU_EVENT_fork, BONGSU_FAULT_FOLLOW);
}

/* The child is complete and has not run yet, so nothing it does can be told before this. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* parent, struct task_struct* child) {
  if (BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid)) return 0; /* a thread */
  follow(parent, child);
  struct scratch* s = record_begin(BONGSU_EVENT_fork, sizeof(struct bongsu_fork));
  if (!s) return 0;
  struct bongsu_fork* r = (void*)s->record;

  fill_task(s, child);
  /* Not the real parent: CLONE_PARENT lets a process choose another one for its child. */
  r->creator_pid = BPF_CORE_READ(parent, tgid);
  r->creator_start_ns = BPF_CORE_READ(parent, group_leader, start_boottime);
  record_send(ctx, s);
  return 0;
}
