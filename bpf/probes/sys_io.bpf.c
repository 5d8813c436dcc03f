// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/dns.bpf.h"
#include "lib/filter.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define CLOSE_RANGE_CLOEXEC (1U << 2) /* include/uapi/linux/close_range.h */

/* Two structs of the same layout, as their rows say. */
_Static_assert(__builtin_offsetof(struct bongsu_read, bytes) == __builtin_offsetof(struct bongsu_write, bytes),
               "bytes");
_Static_assert(__builtin_offsetof(struct bongsu_read, fd) == __builtin_offsetof(struct bongsu_write, fd), "fd");
_Static_assert(__builtin_offsetof(struct bongsu_read, path) == __builtin_offsetof(struct bongsu_write, path), "path");
_Static_assert(sizeof(struct bongsu_read) == sizeof(struct bongsu_write), "size");

static __always_inline int tell_bytes(void* ctx, struct call* c, __u32 type) {
  if (c->call == BONGSU_CALL_read || c->call == BONGSU_CALL_readv)
    tell_dns(ctx, c, false, c->call == BONGSU_CALL_readv);
  if (c->call == BONGSU_CALL_write || c->call == BONGSU_CALL_writev)
    tell_dns(ctx, c, true, c->call == BONGSU_CALL_writev);
  if (!admitted(type, c->ret)) return 0;
  struct scratch* s = call_record(c, type, sizeof(struct bongsu_read));
  if (!s) return 0;
  struct bongsu_read* r = (void*)s->record;

  r->fd = call_arg(c, 0);
  if (!is_error(c->ret)) r->bytes = c->ret;
  append_file(s, &r->path, file_of(r->fd));
  record_send(ctx, s);
  return 0;
}

/* The file is gone by now: what the descriptor stood for was told when it was opened. */
static __always_inline int tell_close(void* ctx, const struct call* c) {
  bool range = c->call == BONGSU_CALL_close_range;

  if (range && call_arg(c, 2) & CLOSE_RANGE_CLOEXEC) return 0; /* they stay open until an exec */
  if (!admitted(BONGSU_EVENT_close, error_of(c))) return 0;
  struct scratch* s = call_record(c, BONGSU_EVENT_close, sizeof(struct bongsu_close));
  if (!s) return 0;
  struct bongsu_close* r = (void*)s->record;

  r->fd = call_arg(c, 0);
  r->last = range ? call_arg(c, 1) : call_arg(c, 0);
  record_send(ctx, s);
  return 0;
}

SEC("tp_btf/sys_exit")
int sys_io(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  switch (c.call) {
    case BONGSU_CALL_close:
    case BONGSU_CALL_close_range:
      return tell_close(ctx, &c);
    case BONGSU_CALL_write:
    case BONGSU_CALL_writev:
    case BONGSU_CALL_pwrite64:
    case BONGSU_CALL_pwritev:
    case BONGSU_CALL_pwritev2:
      return tell_bytes(ctx, &c, BONGSU_EVENT_write);
    default:
      return tell_bytes(ctx, &c, BONGSU_EVENT_read);
  }
}
