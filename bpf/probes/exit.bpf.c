// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SIGNAL_GROUP_EXIT 0x00000004 /* include/linux/sched/signal.h */

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct* task) {
  /* Two last threads on two CPUs may both see 0 here; user space knows the second for a duplicate. */
  if (BPF_CORE_READ(task, signal, live.counter) != 0) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_exit, sizeof(struct bongsu_exit));
  if (!s) return 0;
  struct bongsu_exit* r = (void*)s->record;

  fill_current(s);
  /* As wait(2) reports it, see wait_task_zombie() in kernel/exit.c. */
  int status = BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(task, signal, group_exit_code)
                                                                      : BPF_CORE_READ(task, group_leader, exit_code);
  r->signal = status & 0x7f;
  r->exit_code = r->signal ? 128 + r->signal : status >> 8 & 0xff;
  r->duration_ns = r->header.time_ns - r->header.task.start_ns;
  bpf_map_delete_elem(&followed, &r->header.task.pid);
  record_send(ctx, s);
  return 0;
}
