// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/filter.bpf.h"
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/linux/sched/signal.h: values in place of a pointer */
#define SEND_SIG_NOINFO 0
#define SEND_SIG_PRIV 1

#define SI_TIMER (-2)            /* include/uapi/asm-generic/siginfo.h */
#define PF_EXITING 0x00000004    /* include/linux/sched.h */
#define KERNEL_STACK_BYTES 16384 /* THREAD_SIZE at the least, on x86-64 and arm64 */

/*
 * Whether the current process sent it. The kernel's own carry SEND_SIG_PRIV or a positive code. Without information
 * come SIGPIPE and the like (to the process itself), the signal at a parent's death (from the parent while it exits),
 * and what a process does by way of the kernel: writing to cgroup.kill.
 */
static __always_inline bool sent_by_process(__u64 info, pid_t target) {
  struct task_struct* sender = (void*)bpf_get_current_task();
  int code = 0;

  if (info == SEND_SIG_PRIV) return false;
  if (info == SEND_SIG_NOINFO)
    return BPF_CORE_READ(sender, tgid) != target && !(BPF_CORE_READ(sender, flags) & PF_EXITING);
  bpf_probe_read_kernel(&code, sizeof(code), (void*)info + bpf_core_field_offset(struct kernel_siginfo, si_code));
  if (code > 0) return false;
  /* A timer's information is its own; rt_sigqueueinfo may claim the code too, but then it is a variable of the call. */
  if (code == SI_TIMER) return info - (__u64)BPF_CORE_READ(sender, stack) < KERNEL_STACK_BYTES;
  return true;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, struct kernel_siginfo* info, struct task_struct* task) {
  if (!sent_by_process(number_of(info), BPF_CORE_READ(task, tgid))) return 0;
  if (!admitted(BONGSU_EVENT_signal, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_signal, sizeof(struct bongsu_signal));
  if (!s) return 0;
  struct bongsu_signal* r = (void*)s->record;

  fill_current(s);
  fill_target(&r->target, task);
  r->signal = signal;
  record_send(ctx, s);
  return 0;
}
