// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define AT_REMOVEDIR 0x200 /* include/uapi/linux/fcntl.h */
#define S_IFMT 00170000    /* include/uapi/linux/stat.h */
#define S_IFREG 0100000
#define S_IFCHR 0020000
#define S_IFBLK 0060000
#define S_IALLUGO 07777      /* include/linux/stat.h */
#define XATTR_NAME_BYTES 256 /* XATTR_NAME_MAX of include/uapi/linux/limits.h and a NUL */

/* A call on one file: by a path, by a path from a directory's descriptor, or by the file's own descriptor. */
struct deed {
  __u32 event;
  bool by_descriptor;
  int fd; /* the directory's, or the file's own */
  __u64 path;
  __u64 rest[3]; /* the arguments behind these */
};

static __always_inline void by_path(struct deed* d, const struct call* c, __u32 event) {
  d->event = event;
  d->fd = AT_FDCWD;
  d->path = call_arg(c, 0);
  d->rest[0] = call_arg(c, 1);
  d->rest[1] = call_arg(c, 2);
  d->rest[2] = call_arg(c, 3);
}

static __always_inline void by_path_at(struct deed* d, const struct call* c, __u32 event) {
  d->event = event;
  d->fd = call_arg(c, 0);
  d->path = call_arg(c, 1);
  d->rest[0] = call_arg(c, 2);
  d->rest[1] = call_arg(c, 3);
  d->rest[2] = call_arg(c, 4);
}

static __always_inline void by_descriptor(struct deed* d, const struct call* c, __u32 event) {
  by_path(d, c, event);
  d->by_descriptor = true;
  d->fd = call_arg(c, 0);
  d->path = 0;
}

static __always_inline void read_deed(struct deed* d, const struct call* c) {
  switch (c->call) {
    case BONGSU_CALL_unlink:
      return by_path(d, c, BONGSU_EVENT_unlink);
    case BONGSU_CALL_unlinkat:
      return by_path_at(d, c, call_arg(c, 2) & AT_REMOVEDIR ? BONGSU_EVENT_rmdir : BONGSU_EVENT_unlink);
    case BONGSU_CALL_rmdir:
      return by_path(d, c, BONGSU_EVENT_rmdir);
    case BONGSU_CALL_mkdir:
      return by_path(d, c, BONGSU_EVENT_mkdir);
    case BONGSU_CALL_mkdirat:
      return by_path_at(d, c, BONGSU_EVENT_mkdir);
    case BONGSU_CALL_mknod:
      return by_path(d, c, BONGSU_EVENT_mknod);
    case BONGSU_CALL_mknodat:
      return by_path_at(d, c, BONGSU_EVENT_mknod);
    case BONGSU_CALL_chmod:
      return by_path(d, c, BONGSU_EVENT_chmod);
    case BONGSU_CALL_fchmod:
      return by_descriptor(d, c, BONGSU_EVENT_chmod);
    case BONGSU_CALL_fchmodat:
    case BONGSU_CALL_fchmodat2:
      return by_path_at(d, c, BONGSU_EVENT_chmod);
    case BONGSU_CALL_chown:
    case BONGSU_CALL_chown32:
    case BONGSU_CALL_lchown:
    case BONGSU_CALL_lchown32:
      return by_path(d, c, BONGSU_EVENT_chown);
    case BONGSU_CALL_fchown:
    case BONGSU_CALL_fchown32:
      return by_descriptor(d, c, BONGSU_EVENT_chown);
    case BONGSU_CALL_fchownat:
      return by_path_at(d, c, BONGSU_EVENT_chown);
    case BONGSU_CALL_truncate:
    case BONGSU_CALL_truncate64:
      return by_path(d, c, BONGSU_EVENT_truncate);
    case BONGSU_CALL_ftruncate:
    case BONGSU_CALL_ftruncate64:
      return by_descriptor(d, c, BONGSU_EVENT_truncate);
    case BONGSU_CALL_setxattr:
    case BONGSU_CALL_lsetxattr:
      return by_path(d, c, BONGSU_EVENT_setxattr);
    case BONGSU_CALL_fsetxattr:
      return by_descriptor(d, c, BONGSU_EVENT_setxattr);
    case BONGSU_CALL_setxattrat: /* the flags come before the name */
      by_path_at(d, c, BONGSU_EVENT_setxattr);
      d->rest[0] = d->rest[1];
      return;
    case BONGSU_CALL_chroot:
      return by_path(d, c, BONGSU_EVENT_chroot);
    case BONGSU_CALL_fchroot:
      return by_descriptor(d, c, BONGSU_EVENT_chroot);
    case BONGSU_CALL_umount2:
      return by_path(d, c, BONGSU_EVENT_umount);
    case BONGSU_CALL_umount: /* it has no flags: what is in the register is none */
      by_path(d, c, BONGSU_EVENT_umount);
      d->rest[0] = 0;
      return;
  }
}

static __always_inline void append_deed(struct scratch* s, struct bongsu_str* path, struct bongsu_str* given,
                                        const struct deed* d) {
  if (d->by_descriptor)
    append_file(s, path, file_of(d->fd));
  else
    append_path_argument(s, path, given, d->path, d->fd);
}

/* The first calls of 32-bit machines have ids of 16 bits, -1 among them (low2highuid in include/linux/highuid.h). */
static __always_inline long id_of(const struct call* c, __u64 id) {
  bool half = is_narrow(c->abi) &&
              (c->call == BONGSU_CALL_chown || c->call == BONGSU_CALL_lchown || c->call == BONGSU_CALL_fchown);
  if (half) return (id & 0xffff) == 0xffff ? -1 : (long)(id & 0xffff);
  return (__u32)id == (__u32)-1 ? -1 : (long)(__u32)id;
}

/* On 32-bit machines 64 bits come in two registers, with arm in an even one and the next (fs/open.c). */
static __always_inline __u64 size_of(const struct call* c, const struct deed* d) {
  bool two = c->call == BONGSU_CALL_truncate64 || c->call == BONGSU_CALL_ftruncate64;

  if (!is_narrow(c->abi)) return d->rest[0];
  if (!two) return (__s64)(__s32)d->rest[0];
  if (c->abi == BONGSU_ABI_ARM) return d->rest[1] | d->rest[2] << 32;
  return d->rest[0] | d->rest[1] << 32;
}

/* new_decode_dev of include/linux/kdev_t.h; -1 where the node stands for none */
static __always_inline void tell_device(struct bongsu_mknod* r, __u32 device) {
  r->major = -1;
  r->minor = -1;
  if (r->kind != S_IFCHR && r->kind != S_IFBLK) return;
  r->major = (device & 0xfff00) >> 8;
  r->minor = (device & 0xff) | (device >> 12 & 0xfff00);
}

/* The root that a process has after it changed it is the kernel's to tell, from the mount namespace's root. */
static __always_inline void append_new_root(struct scratch* s, struct bongsu_chroot* r, const struct deed* d) {
  struct task_struct* task = (void*)bpf_get_current_task();

  append_path(s, &r->path, BPF_CORE_READ(task, fs, root.mnt), BPF_CORE_READ(task, fs, root.dentry));
  if (d->path) append_user_string(s, &r->given, d->path, BONGSU_PATH_BYTES);
  r->header.flags &= ~BONGSU_UNTRUSTED; /* `given` says itself what it is */
}

/* Begins `r`, the event's record; leaves the function without one. */
#define BEGIN(event)                                                                       \
  struct scratch* s = call_record(c, BONGSU_EVENT_##event, sizeof(struct bongsu_##event)); \
  if (!s) return 0;                                                                        \
  struct bongsu_##event* r = (void*)s->record

static __always_inline struct scratch* record_unlink(const struct call* c, const struct deed* d) {
  BEGIN(unlink);
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_rmdir(const struct call* c, const struct deed* d) {
  BEGIN(rmdir);
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_mkdir(const struct call* c, const struct deed* d) {
  BEGIN(mkdir);
  r->mode = d->rest[0] & S_IALLUGO;
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_mknod(const struct call* c, const struct deed* d) {
  BEGIN(mknod);
  r->mode = d->rest[0] & S_IALLUGO;
  r->kind = d->rest[0] & S_IFMT;
  if (!r->kind) r->kind = S_IFREG; /* may_mknod in fs/namei.c */
  tell_device(r, d->rest[1]);
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_chmod(const struct call* c, const struct deed* d) {
  BEGIN(chmod);
  r->mode = d->rest[0] & S_IALLUGO;
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_chown(const struct call* c, const struct deed* d) {
  BEGIN(chown);
  r->uid = id_of(c, d->rest[0]);
  r->gid = id_of(c, d->rest[1]);
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_truncate(const struct call* c, const struct deed* d) {
  BEGIN(truncate);
  r->size = size_of(c, d);
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_setxattr(const struct call* c, const struct deed* d) {
  BEGIN(setxattr);
  append_deed(s, &r->path, &r->given, d);
  append_user_string(s, &r->name, d->rest[0], XATTR_NAME_BYTES);
  return s;
}

static __always_inline struct scratch* record_chroot(const struct call* c, const struct deed* d) {
  BEGIN(chroot);
  if (is_error(c->ret))
    append_deed(s, &r->path, &r->given, d);
  else
    append_new_root(s, r, d);
  return s;
}

static __always_inline struct scratch* record_umount(const struct call* c, const struct deed* d) {
  BEGIN(umount);
  r->flags = (__u32)d->rest[0];
  append_deed(s, &r->path, &r->given, d);
  return s;
}

static __always_inline struct scratch* record_deed(const struct call* c, const struct deed* d) {
  switch (d->event) {
    case BONGSU_EVENT_unlink:
      return record_unlink(c, d);
    case BONGSU_EVENT_rmdir:
      return record_rmdir(c, d);
    case BONGSU_EVENT_mkdir:
      return record_mkdir(c, d);
    case BONGSU_EVENT_mknod:
      return record_mknod(c, d);
    case BONGSU_EVENT_chmod:
      return record_chmod(c, d);
    case BONGSU_EVENT_chown:
      return record_chown(c, d);
    case BONGSU_EVENT_truncate:
      return record_truncate(c, d);
    case BONGSU_EVENT_setxattr:
      return record_setxattr(c, d);
    case BONGSU_EVENT_chroot:
      return record_chroot(c, d);
    case BONGSU_EVENT_umount:
      return record_umount(c, d);
    default:
      return 0;
  }
}

SEC("tp_btf/sys_exit")
int sys_path(__u64* ctx) {
  struct call c;
  struct deed d = {};

  if (!call_begin(&c, ctx)) return 0;
  read_deed(&d, &c);
  if (!d.event || !admitted(d.event, c.ret)) return 0;
  struct scratch* s = record_deed(&c, &d);
  if (s) record_send(ctx, s);
  return 0;
}
