// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/executable.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* After the point of no return: the new program, its credentials and its arguments are in place. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct* task, pid_t old_pid, struct linux_binprm* bprm) {
  struct scratch* s = record_begin(BONGSU_EVENT_exec, sizeof(struct bongsu_exec));
  if (!s) return 0;
  struct bongsu_exec* r = (void*)s->record;
  struct mm_struct* mm = BPF_CORE_READ(task, mm);

  fill_current(s);
  fill_executable(s, BPF_CORE_READ(mm, exe_file));
  append_string(s, &r->requested, BPF_CORE_READ(bprm, filename), BONGSU_PATH_BYTES);
  r->args_count = BPF_CORE_READ(bprm, argc);
  fill_args(s, mm);
  record_send(ctx, s);
  return 0;
}
