// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"
#include "lib/lookup.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/uapi/linux/ptrace.h, arch/x86/include/uapi/asm/ptrace-abi.h, arch/arm{,64}/include/uapi/asm/ptrace.h */
#define PTRACE_TRACEME 0
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PTRACE_POKEUSR 6
#define PTRACE_SETREGS 13
#define PTRACE_SETFPREGS 15
#define PTRACE_ATTACH 16
#define PTRACE_SETFPXREGS 19 /* arm: SETWMMXREGS */
#define PTRACE_SETSIGINFO 0x4203
#define PTRACE_SETREGSET 0x4205
#define PTRACE_SEIZE 0x4206
#define PTRACE_SETSIGMASK 0x420b
#define PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG 0x4210
#define PTRACE_SET_SYSCALL_INFO 0x4212
#if defined(__TARGET_ARCH_x86)
#define PTRACE_SET_THREAD_AREA 26
#define PTRACE_ARCH_PRCTL 30
#else
#define PTRACE_SET_SYSCALL 23
#define PTRACE_SETCRUNCHREGS 26
#define PTRACE_SETVFPREGS 28
#define PTRACE_SETHBPREGS 30
#define PTRACE_POKEMTETAGS 34
#endif

/* bongsu_process_vm.access */
#define ACCESS_READ 1
#define ACCESS_WRITE 2

/* Whether the request begins to trace, or changes what the other one does. */
static __always_inline bool tampers(__u64 request) {
  switch (request) {
    case PTRACE_TRACEME:
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA:
    case PTRACE_POKEUSR:
    case PTRACE_SETREGS:
    case PTRACE_SETFPREGS:
    case PTRACE_ATTACH:
    case PTRACE_SETFPXREGS:
    case PTRACE_SETSIGINFO:
    case PTRACE_SETREGSET:
    case PTRACE_SEIZE:
    case PTRACE_SETSIGMASK:
    case PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG:
    case PTRACE_SET_SYSCALL_INFO:
#if defined(__TARGET_ARCH_x86)
    case PTRACE_SET_THREAD_AREA:
    case PTRACE_ARCH_PRCTL:
#else
    case PTRACE_SET_SYSCALL:
    case PTRACE_SETCRUNCHREGS:
    case PTRACE_SETVFPREGS:
    case PTRACE_SETHBPREGS:
    case PTRACE_POKEMTETAGS:
#endif
      return true;
    default:
      return false;
  }
}

static __always_inline void tell_ptrace(__u64* ctx, const struct call* c) {
  __u64 request = call_arg(c, 0);

  if (!tampers(request) || !admitted(BONGSU_EVENT_ptrace, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_ptrace, sizeof(struct bongsu_ptrace));
  if (!s) return;
  struct bongsu_ptrace* r = (void*)s->record;
  r->request = request;
  /* TRACEME makes the caller the one that is traced. */
  if (request == PTRACE_TRACEME)
    fill_target(&r->target, (void*)bpf_get_current_task());
  else
    fill_target(&r->target, (void*)find_task(call_arg(c, 1)));
  record_send(ctx, s);
}

static __always_inline void tell_process_vm(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_process_vm, c->ret)) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_process_vm, sizeof(struct bongsu_process_vm));
  if (!s) return;
  struct bongsu_process_vm* r = (void*)s->record;
  r->access = c->call == BONGSU_CALL_process_vm_readv ? ACCESS_READ : ACCESS_WRITE;
  if (!is_error(c->ret)) r->bytes = c->ret;
  fill_target(&r->target, (void*)find_task(call_arg(c, 0)));
  record_send(ctx, s);
}

#define MEMFD_PREFIX 0x3a64666d656dULL /* "memfd:" as a number; mm/memfd.c, MFD_NAME_PREFIX */
#define MEMFD_PREFIX_BYTES 6
#define MFD_CLOEXEC 0x0001   /* include/uapi/linux/memfd.h */
#define O_CLOEXEC 02000000   /* include/uapi/asm-generic/fcntl.h */
#define MEMFD_NAME_BYTES 250 /* mm/memfd.c, MFD_NAME_MAX_LEN, and the NUL */

/* The name that the kernel gave the file; false when the file is no memfd (any more). */
static __always_inline bool append_memfd_name(struct scratch* s, struct bongsu_str* name, struct file* file) {
  const unsigned char* text = BPF_CORE_READ(file, f_path.dentry, d_name.name);
  __u64 prefix = 0;

  bpf_probe_read_kernel(&prefix, MEMFD_PREFIX_BYTES, text);
  if (prefix != MEMFD_PREFIX) return false;
  append_string(s, name, text + MEMFD_PREFIX_BYTES, MEMFD_NAME_BYTES);
  return true;
}

static __always_inline void tell_memfd(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_memfd, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_memfd, sizeof(struct bongsu_memfd));
  if (!s) return;
  struct bongsu_memfd* r = (void*)s->record;
  r->fd = is_error(c->ret) ? -1 : c->ret;
  if (c->call == BONGSU_CALL_memfd_create) {
    r->flags = (__u32)call_arg(c, 1);
    if (!append_memfd_name(s, &r->name, file_of(r->fd)))
      append_user_string(s, &r->name, call_arg(c, 0), MEMFD_NAME_BYTES);
  } else {
    r->flags = call_arg(c, 0) & O_CLOEXEC ? MFD_CLOEXEC : 0; /* it takes no other */
  }
  record_send(ctx, s);
}

SEC("tp_btf/sys_exit")
int sys_process(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  switch (c.call) {
    case BONGSU_CALL_ptrace:
      tell_ptrace(ctx, &c);
      break;
    case BONGSU_CALL_process_vm_readv:
    case BONGSU_CALL_process_vm_writev:
      tell_process_vm(ctx, &c);
      break;
    case BONGSU_CALL_memfd_create:
    case BONGSU_CALL_memfd_secret:
      tell_memfd(ctx, &c);
      break;
  }
  return 0;
}
