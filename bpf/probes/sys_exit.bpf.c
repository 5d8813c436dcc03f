// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/call.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* One look at a table for a call that nobody asks for: this runs at every call of the host. */
static __always_inline void dispatch(__u64* ctx) {
  struct pt_regs* regs = (struct pt_regs*)ctx[0];
  __u32 index = call_index(regs);
  struct bongsu_dispatch* d = bpf_map_lookup_elem(&calls, &index);

  if (!d || !(d->program[0] | d->program[1])) return;
  __u32 program = d->program[is_narrow(abi_of(regs))];
  if (program) bpf_tail_call(ctx, &handlers, program - 1);
}

/* Rung 3: the return of every call. */
SEC("tp_btf/sys_exit")
int on_sys_exit(__u64* ctx) {
  dispatch(ctx);
  return 0;
}

/*
 * Rung 2: the return of one call's own function. User space loads a copy of it for each function (the name here is only
 * one that every kernel has).
 */
SEC("?fexit/syscall")
int on_call_return(__u64* ctx) {
  dispatch(ctx);
  return 0;
}
