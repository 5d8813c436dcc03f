// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The child is complete and has not run yet, so nothing it does can be told before this. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* parent, struct task_struct* child) {
  if (BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid)) return 0; /* a thread */
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
