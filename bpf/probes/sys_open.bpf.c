// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/uapi/asm-generic/fcntl.h, and arch/arm64/include/uapi/asm/fcntl.h where it differs */
#define O_ACCMODE 00000003
#define O_WRONLY 00000001
#define O_RDWR 00000002
#define O_CREAT 00000100
#define O_EXCL 00000200
#define O_TRUNC 00001000
#define O_APPEND 00002000
#define O_PATH 010000000
#define O_TMPFILE_BIT 020000000
#if defined(__TARGET_ARCH_arm64)
#define O_DIRECTORY 040000
#define O_NOFOLLOW 0100000
#else
#define O_DIRECTORY 00200000
#define O_NOFOLLOW 00400000
#endif

#define RESOLVE_IN_ROOT 0x10   /* include/uapi/linux/openat2.h */
#define FMODE_CREATED 0x100000 /* include/linux/fs.h */
#define S_IFMT 00170000        /* include/uapi/linux/stat.h */
#define S_IALLUGO 07777        /* include/linux/stat.h */

/* The flags that the kernel drops from a file once it is open (do_dentry_open in fs/open.c). */
#define ONCE_FLAGS (O_CREAT | O_EXCL | O_TRUNC)

static __always_inline __u64 flag(__u64 flags, __u64 bit, __u64 ours) { return flags & bit ? ours : 0; }

static __always_inline __u64 open_flags(__u64 flags) {
  __u64 access = flags & O_ACCMODE;
  __u64 ours = access == O_WRONLY ? BONGSU_OPEN_WRITE
               : access == 0      ? BONGSU_OPEN_READ
                                  : BONGSU_OPEN_READ | BONGSU_OPEN_WRITE;

  if (flags & O_PATH) { /* neither read nor written, and most other bits are ignored (build_open_flags in fs/open.c) */
    flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW;
    ours = BONGSU_OPEN_PATH;
  }
  if (flags & O_TMPFILE_BIT) flags &= ~(__u64)O_DIRECTORY; /* part of O_TMPFILE; the file is none */
  return ours | flag(flags, O_CREAT, BONGSU_OPEN_CREATE) | flag(flags, O_EXCL, BONGSU_OPEN_EXCLUSIVE) |
         flag(flags, O_TRUNC, BONGSU_OPEN_TRUNCATE) | flag(flags, O_APPEND, BONGSU_OPEN_APPEND) |
         flag(flags, O_DIRECTORY, BONGSU_OPEN_DIRECTORY) | flag(flags, O_NOFOLLOW, BONGSU_OPEN_NOFOLLOW) |
         flag(flags, O_TMPFILE_BIT, BONGSU_OPEN_TMPFILE);
}

/* What each of the calls has where. */
struct open_arguments {
  int dirfd;
  __u64 path;
  __u64 flags;
  __u64 resolve;
  __u32 mode;
};

static __always_inline void read_arguments(struct open_arguments* a, const struct call* c) {
  a->dirfd = AT_FDCWD;
  switch (c->call) {
    case BONGSU_CALL_open:
      a->path = call_arg(c, 0);
      a->flags = call_arg(c, 1);
      a->mode = call_arg(c, 2);
      break;
    case BONGSU_CALL_creat:
      a->path = call_arg(c, 0);
      a->flags = O_WRONLY | O_CREAT | O_TRUNC; /* fs/open.c, SYSCALL_DEFINE2(creat) */
      a->mode = call_arg(c, 1);
      break;
    case BONGSU_CALL_openat:
      a->dirfd = call_arg(c, 0);
      a->path = call_arg(c, 1);
      a->flags = call_arg(c, 2);
      a->mode = call_arg(c, 3);
      break;
    case BONGSU_CALL_openat2: { /* struct open_how, include/uapi/linux/openat2.h */
      __u64 how[3] = {};
      a->dirfd = call_arg(c, 0);
      a->path = call_arg(c, 1);
      bpf_probe_read_user(how, sizeof(how), (void*)call_arg(c, 2));
      a->flags = how[0];
      a->mode = how[1];
      a->resolve = how[2];
      break;
    }
    case BONGSU_CALL_open_by_handle_at: /* a handle is no path */
      a->flags = call_arg(c, 2);
      break;
  }
}

/* Whether the file is on no mount of the process's namespace; a pipe's or socket's mount is in none by design. */
static __always_inline bool is_outside(struct file* file) {
  struct task_struct* task = (void*)bpf_get_current_task();
  struct vfsmount* vfsmount = BPF_CORE_READ(file, f_path.mnt);
  struct mount___place* mount = (void*)vfsmount - bpf_core_field_offset(struct mount, mnt);
  struct mnt_namespace* ns = BPF_CORE_READ(mount, mnt_ns);

  if (is_error((long)ns)) return false; /* MNT_NS_INTERNAL of fs/mount.h */
  return ns != BPF_CORE_READ(task, nsproxy, mnt_ns);
}

/* What is asked of a file at every open; one read where the members lie near each other, as in all kernels so far. */
#define FILE_BYTES 160
#define FILE_OFFSET(member) bpf_core_field_offset(struct file, member)
#define NEAR(member) (FILE_OFFSET(member) + 8 <= FILE_BYTES)
#define OF_FILE(type, member) (*(type*)(bytes + FILE_OFFSET(member)))

struct open_file {
  __u32 flags;
  __u32 mode;
  __u64 mount;
  __u64 dentry;
  __u64 inode;
};

static __always_inline void read_file(struct open_file* f, struct file* file) {
  if (NEAR(f_flags) && NEAR(f_mode) && NEAR(f_path.mnt) && NEAR(f_path.dentry) && NEAR(f_inode)) {
    __u8 bytes[FILE_BYTES] __attribute__((aligned(8)));
    bpf_probe_read_kernel(bytes, sizeof(bytes), file);
    f->flags = OF_FILE(__u32, f_flags);
    f->mode = OF_FILE(__u32, f_mode);
    f->mount = OF_FILE(__u64, f_path.mnt);
    f->dentry = OF_FILE(__u64, f_path.dentry);
    f->inode = OF_FILE(__u64, f_inode);
    return;
  }
  f->flags = BPF_CORE_READ(file, f_flags);
  f->mode = BPF_CORE_READ(file, f_mode);
  f->mount = (__u64)BPF_CORE_READ(file, f_path.mnt);
  f->dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
  f->inode = (__u64)BPF_CORE_READ(file, f_inode);
}

/* What the file still says is so even where another thread rewrote openat2's flags. */
static __always_inline __u64 flags_of_file(const struct open_file* f, const struct open_arguments* a) {
  __u64 flags = open_flags((f->flags & ~(__u64)ONCE_FLAGS) | (a->flags & ONCE_FLAGS));

  return flags | flag(f->mode, FMODE_CREATED, BONGSU_OPEN_CREATED);
}

static __always_inline __u64 lanes_of_flags(const struct bongsu_gate* gate, __u64 flags) {
  __u64 lanes = flags ? 0 : gate->no_open_flag;

  for (int bit = 0; bit < BONGSU_OPEN_FLAGS; bit++) {
    if (flags >> bit & 1) lanes |= gate->open_flag[bit];
  }
  return lanes;
}

static __always_inline __u64 directory_of(const struct open_arguments* a) {
  return (__u32)a->dirfd | (a->resolve & RESOLVE_IN_ROOT ? FROM_DIRECTORY : 0);
}

/* Of those lanes the ones that this open keeps; `file` is null when it failed. */
static __always_inline __u64 lanes_of_open(struct scratch* s, const struct call* c, __u64 lanes, __u64 flags,
                                           struct file* file, const struct open_file* f,
                                           const struct open_arguments* a) {
  struct bongsu_settings* set = my_settings();
  struct bongsu_gate* gate = set && set->gated ? gate_of(set->gates, BONGSU_EVENT_open) : 0;

  if (!gate) return lanes;
  lanes &= gate->abi[c->abi & 7] & lanes_of_flags(gate, flags);
  if (!lanes) return 0;
  if (!file) {
    struct path from = {};
    char first = 0;
    if (!a->path || bpf_probe_read_user(&first, 1, (void*)a->path)) return lanes;
    find_base(&from, first, directory_of(a));
    return lanes_of_asked(s, gate, set->gates, BONGSU_EVENT_open, a->path, &from, lanes);
  }
  lanes = lanes_of_path(s, gate, set->gates, BONGSU_EVENT_open, f->mount, f->dentry, lanes);
  if (lanes) lanes = lanes_of_given(s, gate, a->path, lanes);
  struct inode* inode = (void*)f->inode;
  if (lanes & ~gate->every_kind) lanes &= gate->file_kind[BPF_CORE_READ(inode, i_mode) >> 12 & 15];
  if (lanes & ~(gate->outside[0] & gate->outside[1])) lanes &= gate->outside[is_outside(file)];
  return lanes;
}

static __always_inline void tell_file(struct scratch* s, struct bongsu_open* r, struct file* file,
                                      const struct open_arguments* a) {
  struct inode* inode = BPF_CORE_READ(file, f_inode);

  r->inode = BPF_CORE_READ(inode, i_ino);
  r->kind = BPF_CORE_READ(inode, i_mode) & S_IFMT;
  r->outside = is_outside(file);
  append_file(s, &r->path, file);
  if (a->path) append_user_string(s, &r->given, a->path, BONGSU_PATH_BYTES);
  r->header.flags &= ~BONGSU_UNTRUSTED; /* `given` says itself what it is; nothing else came from there */
}

/*
 * The file that the kernel opened tells its path, whatever the argument says now; only of an open that failed is the
 * argument all there is.
 */
SEC("tp_btf/sys_exit")
int sys_open(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  __u64 lanes = lanes_left_often(BONGSU_EVENT_open, error_of(&c));
  if (!lanes) return 0;
  struct scratch* s = scratch_take(BONGSU_EVENT_open);
  if (!s) return 0;
  struct bongsu_open* r = (void*)s->record;
  struct open_arguments a = {};
  struct file* file = is_error(c.ret) ? 0 : find_file(c.ret, true);
  struct open_file f = {};

  read_arguments(&a, &c);
  if (file) read_file(&f, file);
  __u64 flags = file ? flags_of_file(&f, &a) : open_flags(a.flags);
  if (!lanes_of_open(s, &c, lanes, flags, file, &f, &a)) {
    count_unmatched(BONGSU_EVENT_open);
    scratch_leave(s);
    return 0;
  }
  if (!take_share(BONGSU_EVENT_open)) {
    scratch_leave(s);
    return 0;
  }
  record_in(s, BONGSU_EVENT_open, sizeof(struct bongsu_open));
  fill_call(s, &c);
  r->fd = is_error(c.ret) ? -1 : c.ret;
  r->flags = flags;
  if (file) {
    tell_file(s, r, file, &a);
  } else if (a.path) {
    append_path_from(s, &r->path, &r->given, a.path, directory_of(&a));
  }
  if (r->flags & (BONGSU_OPEN_CREATE | BONGSU_OPEN_TMPFILE)) r->mode = a.mode & S_IALLUGO;
  record_send(ctx, s);
  return 0;
}
