/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Arguments of system calls: descriptors become the kernel's own files, which nobody can change behind our back;
 * strings are read from the process's memory and mark the record as untrusted.
 */
#pragma once

#include "lib/call.bpf.h"

#define AT_FDCWD (-100) /* include/uapi/linux/fcntl.h */

/* The file behind a descriptor of the current process, or null; `often`: see lib/current.bpf.h. */
static __always_inline struct file* find_file(int fd, const bool often) {
  struct file* file = 0;

  if (fd < 0 || (__u32)fd >= CURRENT(often, files, fdt, max_fds)) return 0;
  struct file** slots = CURRENT(often, files, fdt, fd);
  bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
  return file;
}

static __always_inline struct file* file_of(int fd) { return find_file(fd, false); }

/* The path of an open file. A pipe, socket or memfd gives its bare name. */
static __always_inline void append_file(struct scratch* s, struct bongsu_str* str, struct file* file) {
  if (file) append_path(s, str, BPF_CORE_READ(file, f_path.mnt), BPF_CORE_READ(file, f_path.dentry));
}

static __always_inline void mark_untrusted(struct scratch* s) {
  ((struct bongsu_header*)s->record)->flags |= BONGSU_UNTRUSTED;
}

SHARED __u64 build_user_string(__u32 slot, __u64 user, __u64 most) {
  struct scratch* s = scratch_of(slot);
  __u32 off;
  if (!s || !user || !most) return 0;
  /* Else both bounds become one comparison of `most - 1`, of which older verifiers learn nothing about `most`. */
  barrier_var(most);
  if (most > BONGSU_PATH_BYTES) return 0;
  void* tail = record_tail(s, BONGSU_PATH_BYTES, &off);
  if (!tail) return 0;
  mark_untrusted(s);
  long n = bpf_probe_read_user_str(tail, most, (void*)user);
  if (n < 0) {
    count_fault(s->type, BONGSU_FAULT_USER);
    return 0;
  }
  if (n <= 1) return 0;
  s->used = off + (__u32)n - 1;
  return off | (__u64)(n - 1) << 16;
}

/* Appends a string of the process's memory, without its NUL; `most` bytes with it, at most BONGSU_PATH_BYTES. */
static __always_inline void append_user_string(struct scratch* s, struct bongsu_str* str, __u64 user, __u32 most) {
  __u64 built = build_user_string(s->slot, user, most);
  str->off = built;
  str->len = built >> 16;
}

/*
 * A path argument as user space is to see it: the directory that it counts from, as the kernel has it, and the argument
 * itself behind that. The result is what append_path_argument() unpacks. `from` is the directory's descriptor, with
 * FROM_DIRECTORY where an absolute path counts from there too (RESOLVE_IN_ROOT of openat2).
 */
#define FROM_DIRECTORY (1ULL << 32)

/* The directory that a path argument counts from, whose first byte is `first`. */
static __always_inline void find_base(struct path* at, char first, __u64 from) {
  struct task_struct* task = (void*)bpf_get_current_task();
  int dirfd = from;

  if (first == '/' && !(from & FROM_DIRECTORY)) {
    BPF_CORE_READ_INTO(&at->mnt, task, fs, root.mnt);
    BPF_CORE_READ_INTO(&at->dentry, task, fs, root.dentry);
  } else if (dirfd == AT_FDCWD) {
    BPF_CORE_READ_INTO(&at->mnt, task, fs, pwd.mnt);
    BPF_CORE_READ_INTO(&at->dentry, task, fs, pwd.dentry);
  } else {
    struct file* file = file_of(dirfd);
    BPF_CORE_READ_INTO(&at->mnt, file, f_path.mnt);
    BPF_CORE_READ_INTO(&at->dentry, file, f_path.dentry);
  }
}

SHARED __u64 build_path_argument(__u32 slot, __u64 user, __u64 from) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  struct bongsu_str base = {};
  struct bongsu_str given = {};
  struct path at = {};
  char first = 0;

  if (user) {
    mark_untrusted(s); /* an empty one too: it may have been emptied since */
    if (bpf_probe_read_user(&first, 1, (void*)user)) {
      count_fault(s->type, BONGSU_FAULT_USER);
      return 0;
    }
  }
  find_base(&at, first, from);
  append_path(s, &base, at.mnt, at.dentry);
  if (!base.len) base.off = s->used;
  if (!first) return base.off | (__u64)base.len << 16;
  /* "/" before "/etc" goes, "/" before "etc" stays, and "/srv" gets one before "etc". */
  __u32 off;
  if (first == '/' && base.len == 1) {
    s->used--;
    base.len = 0;
  } else if (first != '/' && base.len > 1) {
    __u8* slash = record_tail(s, 1, &off);
    if (!slash) return 0;
    *slash = '/';
    s->used = off + 1;
    base.len++;
  }
  append_user_string(s, &given, user, BONGSU_PATH_BYTES);
  return base.off | (__u64)(base.len + given.len) << 16 | (__u64)given.len << 32;
}

static __always_inline void append_path_from(struct scratch* s, struct bongsu_str* path, struct bongsu_str* given,
                                             __u64 user, __u64 from) {
  __u64 built = build_path_argument(s->slot, user, from);
  path->off = built;
  path->len = built >> 16;
  given->len = built >> 32;
  given->off = path->off + path->len - given->len;
}

/*
 * `given` is the part of `path` that the process wrote. Of an empty argument it is nothing, and of a null one nothing
 * is untrusted either: the path is that of `dirfd`.
 */
static __always_inline void append_path_argument(struct scratch* s, struct bongsu_str* path, struct bongsu_str* given,
                                                 __u64 user, int dirfd) {
  append_path_from(s, path, given, user, (__u32)dirfd);
}
