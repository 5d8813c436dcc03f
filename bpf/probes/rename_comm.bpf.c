// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/filter.bpf.h"
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

/* Fires before the comm changes; `task` need not be the current one (/proc/PID/task/TID/comm). */
SEC("tp_btf/task_rename")
int BPF_PROG(on_task_rename, struct task_struct* task, const char* comm) {
  if (BPF_CORE_READ_BITFIELD_PROBED(task, in_execve)) return 0; /* the kernel's own, told by exec */
  if (BPF_CORE_READ(task, flags) & PF_KTHREAD) return 0;
  if (!admitted(BONGSU_EVENT_rename_comm, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_rename_comm, sizeof(struct bongsu_rename_comm));
  if (!s) return 0;
  struct bongsu_rename_comm* r = (void*)s->record;
  struct bongsu_task* t = &r->header.task;

  fill_task(s, task);
  append_string(s, &r->previous, task->comm, BONGSU_COMM_BYTES);
  __builtin_memset(t->comm, 0, sizeof(t->comm));
  bpf_probe_read_kernel_str(t->comm, sizeof(t->comm), comm);
  record_send(ctx, s);
  return 0;
}
