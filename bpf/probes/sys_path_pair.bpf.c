// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"
#include "lib/mount.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Two paths, each with the directory that it counts from. */
struct pair {
  int from_fd;
  int to_fd;
  __u64 from;
  __u64 to;
  __u64 flags;
};

static __always_inline void read_pair(struct pair* p, const struct call* c) {
  p->from = call_arg(c, 0);
  p->from_fd = AT_FDCWD;
  p->to = call_arg(c, 1);
  p->to_fd = AT_FDCWD;
}

static __always_inline void read_pair_at(struct pair* p, const struct call* c) {
  p->from_fd = call_arg(c, 0);
  p->from = call_arg(c, 1);
  p->to_fd = call_arg(c, 2);
  p->to = call_arg(c, 3);
  p->flags = (__u32)call_arg(c, 4);
}

/* Begins `r`, the event's record; leaves the function without one. */
#define BEGIN(event)                                                                       \
  if (!admitted(BONGSU_EVENT_##event, error_of(c))) return 0;                              \
  struct scratch* s = call_record(c, BONGSU_EVENT_##event, sizeof(struct bongsu_##event)); \
  if (!s) return 0;                                                                        \
  struct bongsu_str unused = {};                                                           \
  struct bongsu_##event* r = (void*)s->record

static __always_inline struct scratch* record_rename(const struct call* c) {
  struct pair p = {};
  BEGIN(rename);
  if (c->call == BONGSU_CALL_rename)
    read_pair(&p, c);
  else
    read_pair_at(&p, c);
  if (c->call == BONGSU_CALL_renameat2) r->flags = p.flags; /* renameat has none: its register is the caller's */
  append_path_argument(s, &r->path, &r->given, p.from, p.from_fd);
  append_path_argument(s, &r->target, &unused, p.to, p.to_fd);
  return s;
}

static __always_inline struct scratch* record_link(const struct call* c) {
  struct pair p = {};
  BEGIN(link);
  if (c->call == BONGSU_CALL_link)
    read_pair(&p, c);
  else
    read_pair_at(&p, c);
  append_path_argument(s, &r->path, &r->given, p.from, p.from_fd);
  append_path_argument(s, &r->target, &unused, p.to, p.to_fd);
  return s;
}

/* symlink(content, link), symlinkat(content, directory, link) */
static __always_inline struct scratch* record_symlink(const struct call* c) {
  bool at = c->call == BONGSU_CALL_symlinkat;
  BEGIN(symlink);
  append_path_argument(s, &r->path, &r->given, at ? call_arg(c, 2) : call_arg(c, 1),
                       at ? (int)call_arg(c, 1) : AT_FDCWD);
  append_user_string(s, &r->target, call_arg(c, 0), BONGSU_PATH_BYTES);
  (void)unused;
  return s;
}

static __always_inline struct scratch* record_pivot_root(const struct call* c) {
  BEGIN(pivot_root);
  append_path_argument(s, &r->path, &r->given, call_arg(c, 0), AT_FDCWD);
  append_path_argument(s, &r->target, &unused, call_arg(c, 1), AT_FDCWD);
  return s;
}

/* mount(source, target, type, flags, data): the flags say which of them the kernel looks at (path_mount). */
static __always_inline void fill_mount(struct scratch* s, struct bongsu_mount* r, const struct call* c) {
  struct bongsu_str unused = {};
  __u64 flags = call_arg(c, 3);

  if ((flags & MS_MGC_MSK) == MS_MGC_VAL) flags &= ~MS_MGC_MSK;
  r->flags = flags;
  append_path_argument(s, &r->target, &unused, call_arg(c, 1), AT_FDCWD);
  if (flags & MS_REMOUNT) return;
  if (flags & MS_BIND || (flags & MS_MOVE && !(flags & MS_PROPAGATION))) {
    append_path_argument(s, &r->path, &r->given, call_arg(c, 0), AT_FDCWD);
  } else if (!(flags & MS_PROPAGATION)) {
    append_user_string(s, &r->path, call_arg(c, 0), BONGSU_PATH_BYTES);
    r->given = r->path;
    append_user_string(s, &r->type, call_arg(c, 2), FS_TYPE_BYTES);
  }
}

/* A mount that comes by its descriptor has no path to come from: it is told as mount(2) would have made it. */
static __always_inline void fill_move_mount(struct scratch* s, struct bongsu_mount* r, const struct call* c) {
  struct bongsu_str unused = {};
  struct pair p = {};

  read_pair_at(&p, c);
  append_path_argument(s, &r->target, &unused, p.to, p.to_fd);
  if (p.flags & MOVE_MOUNT_F_EMPTY_PATH && is_empty(p.from)) {
    append_mount_of(s, r, file_of(p.from_fd));
  } else {
    r->flags = MS_MOVE;
    append_path_argument(s, &r->path, &r->given, p.from, p.from_fd);
  }
}

/* (directory, path, flags, attributes, their size): of a copy, the path is where it is from, and it is put nowhere. */
static __always_inline void fill_mount_attributes(struct scratch* s, struct bongsu_mount* r, const struct call* c) {
  struct bongsu_str given = {};
  struct bongsu_str path = {};
  __u32 flags = call_arg(c, 2);
  bool copy = c->call == BONGSU_CALL_open_tree_attr && flags & OPEN_TREE_CLONE;

  r->flags = flags_of_attributes(call_arg(c, 3)) | (copy ? MS_BIND : MS_REMOUNT | MS_BIND);
  if (flags & AT_RECURSIVE) r->flags |= MS_REC;
  append_path_argument(s, &path, &given, call_arg(c, 1), call_arg(c, 0));
  if (copy) {
    r->path = path;
    r->given = given;
  } else {
    r->target = path;
  }
  mark_untrusted(s); /* the attributes were read from the process's memory */
}

static __always_inline struct scratch* record_mount(const struct call* c) {
  BEGIN(mount);
  (void)unused;
  switch (c->call) {
    case BONGSU_CALL_mount:
      fill_mount(s, r, c);
      break;
    case BONGSU_CALL_move_mount:
      fill_move_mount(s, r, c);
      break;
    default:
      fill_mount_attributes(s, r, c);
      break;
  }
  return s;
}

static __always_inline struct scratch* record_pair(const struct call* c) {
  switch (c->call) {
    case BONGSU_CALL_rename:
    case BONGSU_CALL_renameat:
    case BONGSU_CALL_renameat2:
      return record_rename(c);
    case BONGSU_CALL_link:
    case BONGSU_CALL_linkat:
      return record_link(c);
    case BONGSU_CALL_symlink:
    case BONGSU_CALL_symlinkat:
      return record_symlink(c);
    case BONGSU_CALL_pivot_root:
      return record_pivot_root(c);
    default:
      return record_mount(c);
  }
}

SEC("tp_btf/sys_exit")
int sys_path_pair(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  struct scratch* s = record_pair(&c);
  if (s) record_send(ctx, s);
  return 0;
}
