// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/uapi/linux/mman.h, include/uapi/asm-generic/mman-common.h */
#define MAP_TYPE 0x0f
#define MAP_SHARED_VALIDATE 0x03 /* not the bits MAP_SHARED and MAP_PRIVATE */
#define MAP_ANONYMOUS 0x20
#define OUR_SHARED_VALIDATE (1ULL << 32)

struct mmap_arguments {
  __u64 address, length, protection, flags;
  int fd;
};

static __always_inline void mmap_in_registers(struct mmap_arguments* a, const struct call* c) {
  a->address = call_arg(c, 0);
  a->length = call_arg(c, 1);
  a->protection = call_arg(c, 2);
  a->flags = call_arg(c, 3);
  a->fd = call_arg(c, 4);
}

/* i386's first mmap: struct mmap_arg_struct32 of arch/x86/kernel/sys_ia32.c */
static __always_inline void mmap_in_memory(struct mmap_arguments* a, const struct call* c, struct scratch* s) {
  __u32 words[5] = {};

  mark_untrusted(s);
  if (bpf_probe_read_user(words, sizeof(words), (void*)call_arg(c, 0))) count_fault(s->type, BONGSU_FAULT_USER);
  a->address = words[0];
  a->length = words[1];
  a->protection = words[2];
  a->flags = words[3];
  a->fd = words[4];
}

/* The result as an address. */
static __always_inline __u64 address_of(const struct call* c) { return is_narrow(c->abi) ? (__u32)c->ret : c->ret; }

static __always_inline void tell_mmap(__u64* ctx, const struct call* c) {
  bool in_memory = c->call == BONGSU_CALL_mmap && c->abi == BONGSU_ABI_I386;

  if (!admitted(BONGSU_EVENT_mmap, is_error(c->ret) ? c->ret : in_memory ? 0 : call_arg(c, 1))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_mmap, sizeof(struct bongsu_mmap));
  if (!s) return;
  struct bongsu_mmap* r = (void*)s->record;
  struct mmap_arguments a = {};

  if (in_memory)
    mmap_in_memory(&a, c, s);
  else
    mmap_in_registers(&a, c);
  r->address = is_error(c->ret) ? a.address : address_of(c);
  r->length = a.length;
  r->protection = a.protection;
  r->flags = (__u32)a.flags;
  if ((a.flags & MAP_TYPE) == MAP_SHARED_VALIDATE) r->flags = (r->flags & ~MAP_TYPE) | OUR_SHARED_VALIDATE;
  r->fd = a.flags & MAP_ANONYMOUS ? -1 : a.fd; /* of anonymous memory the kernel does not look at it */
  append_file(s, &r->path, file_of(r->fd));
  record_send(ctx, s);
}

static __always_inline void tell_munmap(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_munmap, is_error(c->ret) ? c->ret : call_arg(c, 1))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_munmap, sizeof(struct bongsu_munmap));
  if (!s) return;
  struct bongsu_munmap* r = (void*)s->record;
  r->address = call_arg(c, 0);
  r->length = call_arg(c, 1);
  record_send(ctx, s);
}

static __always_inline void tell_mprotect(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_mprotect, is_error(c->ret) ? c->ret : call_arg(c, 1))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_mprotect, sizeof(struct bongsu_mprotect));
  if (!s) return;
  struct bongsu_mprotect* r = (void*)s->record;
  r->address = call_arg(c, 0);
  r->length = call_arg(c, 1);
  r->protection = call_arg(c, 2);
  record_send(ctx, s);
}

/* brk() returns no error: what it cannot do leaves the old end. */
static __always_inline void tell_brk(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_brk, 0)) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_brk, sizeof(struct bongsu_brk));
  if (!s) return;
  struct bongsu_brk* r = (void*)s->record;
  r->address = address_of(c);
  record_send(ctx, s);
}

SEC("tp_btf/sys_exit")
int sys_memory(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  switch (c.call) {
    case BONGSU_CALL_mmap:
    case BONGSU_CALL_mmap2:
      tell_mmap(ctx, &c);
      break;
    case BONGSU_CALL_munmap:
      tell_munmap(ctx, &c);
      break;
    case BONGSU_CALL_mprotect:
    case BONGSU_CALL_pkey_mprotect:
      tell_mprotect(ctx, &c);
      break;
    case BONGSU_CALL_brk:
      tell_brk(ctx, &c);
      break;
  }
  return 0;
}
