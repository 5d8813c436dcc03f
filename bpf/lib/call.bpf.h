/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A system call that is about to return: which one, by which table, its arguments and its result. The context of
 * tp_btf/sys_exit and of fexit on a call's own function is the same two words, so one program serves both rungs.
 *
 * Arguments are registers, kept by the kernel as they were at entry. What they point to is the process's memory as it
 * is now: see lib/argument.bpf.h.
 */
#pragma once

#include "lib/task.bpf.h"

struct call {
  struct pt_regs* regs;
  long ret;
  __u32 call; /* enum bongsu_call */
  __u32 abi;  /* enum bongsu_abi */
};

#if defined(__TARGET_ARCH_x86)

#define X32_BIT 0x40000000 /* __X32_SYSCALL_BIT of arch/x86/include/uapi/asm/unistd.h */
#define TS_COMPAT 0x0002   /* arch/x86/include/asm/thread_info.h: 32-bit syscall active */

static __always_inline __u64 raw_number(struct pt_regs* regs) { return regs->orig_ax; }

static __always_inline __u32 abi_of(struct pt_regs* regs) {
  if (CURRENT(true, thread_info.status) & TS_COMPAT) return BONGSU_ABI_I386;
  return regs->orig_ax & X32_BIT ? BONGSU_ABI_X32 : BONGSU_ABI_X86_64;
}

static __always_inline __u64 register_of(struct pt_regs* regs, int n, bool narrow) {
  switch (n) {
    case 0:
      return narrow ? regs->bx : regs->di;
    case 1:
      return narrow ? regs->cx : regs->si;
    case 2:
      return regs->dx;
    case 3:
      return narrow ? regs->si : regs->r10;
    case 4:
      return narrow ? regs->di : regs->r8;
    default:
      return narrow ? regs->bp : regs->r9;
  }
}

#elif defined(__TARGET_ARCH_arm64)

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h: AARCH32 process */

static __always_inline __u64 raw_number(struct pt_regs* regs) { return regs->syscallno; }

static __always_inline __u32 abi_of(struct pt_regs* regs) {
  return CURRENT(true, thread_info.flags) >> TIF_32BIT & 1 ? BONGSU_ABI_ARM : BONGSU_ABI_AARCH64;
}

/* x0 holds the result by now; the kernel keeps the first argument for a restart. */
static __always_inline __u64 register_of(struct pt_regs* regs, int n, bool narrow) {
  return n == 0 ? regs->orig_x0 : regs->regs[n];
}

#endif

static __always_inline bool is_narrow(__u32 abi) { return abi == BONGSU_ABI_I386 || abi == BONGSU_ABI_ARM; }

/* The number without x32's bit, as the index of the map `calls`. */
static __always_inline __u32 call_index(struct pt_regs* regs) { return raw_number(regs) & (BONGSU_CALL_NUMBERS - 1); }

/* Of a program whose context is that of the call's return. */
static __always_inline bool call_begin(struct call* c, __u64* ctx) {
  c->regs = (struct pt_regs*)ctx[0];
  c->ret = ctx[1];
  c->abi = abi_of(c->regs);
  __u32 index = call_index(c->regs);
  struct bongsu_dispatch* d = bpf_map_lookup_elem(&calls, &index);
  if (!d) return false;
  c->call = d->call[is_narrow(c->abi)];
  return true;
}

/* The n-th argument, from 0; of a 32-bit call its low half. */
static __always_inline __u64 call_arg(const struct call* c, const int n) {
  bool narrow = is_narrow(c->abi);
  __u64 value = register_of(c->regs, n, narrow);
  return narrow ? (__u32)value : value;
}

/* The result where it is no number of bytes: the error, or 0. */
static __always_inline long error_of(const struct call* c) { return is_error(c->ret) ? c->ret : 0; }

/* Fills in all that records of calls have in common. */
static __always_inline void fill_call(struct scratch* s, const struct call* c) {
  struct bongsu_header* h = (void*)s->record;

  h->call = c->call;
  h->abi = c->abi;
  if (is_error(c->ret)) h->error = is_interrupted(c->ret) ? EINTR : -c->ret;
  fill_current(s);
}

/* Begins the record of a call. Check admitted() first (lib/filter.bpf.h). */
static __always_inline struct scratch* call_record(const struct call* c, __u32 type, const __u32 fixed) {
  struct scratch* s = record_begin(type, fixed);
  if (s) fill_call(s, c);
  return s;
}
