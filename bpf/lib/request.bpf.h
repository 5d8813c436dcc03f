/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What an io_uring request holds once it is prepared. Its first bytes are a struct of the operation, whose layout and
 * name differ between kernels.
 */
#pragma once

#include "lib/argument.bpf.h"

/*
 * The kernel's copy of a name, as the request holds it since it was prepared: `request` is read as struct `type`.
 * Not so before Linux 5.11, where struct `type` may not be there at all: then null.
 */
#define NAME_OF(type, member, request)                           \
  ({                                                             \
    struct filename* found_ = 0;                                 \
    struct type* plain_ = (void*)(request);                      \
    struct type##___delayed* delayed_ = (void*)(request);        \
    if (bpf_core_field_exists(plain_->member))                   \
      bpf_core_read(&found_, sizeof(found_), &plain_->member);   \
    else if (bpf_core_field_exists(delayed_->member))            \
      bpf_core_read(&found_, sizeof(found_), &delayed_->member); \
    found_;                                                      \
  })
#define NUMBER_OF(type, member, request)                                                            \
  ({                                                                                                \
    int number_ = 0;                                                                                \
    struct type* of_ = (void*)(request);                                                            \
    if (bpf_core_field_exists(of_->member)) bpf_core_read(&number_, sizeof(number_), &of_->member); \
    number_;                                                                                        \
  })

/* Behind the directory that it counts from, as lib/argument.bpf.h does with arguments; `joined` 0: as it is. */
SHARED __u64 build_name(__u32 slot, __u64 filename, int dirfd, int joined) {
  struct scratch* s = scratch_of(slot);
  if (!s || !filename) return 0;
  struct task_struct* task = (void*)bpf_get_current_task();
  const char* name = BPF_CORE_READ((struct filename*)filename, name);
  struct bongsu_str base = {};
  struct path at = {};
  char first = 0;
  __u32 off;

  bpf_probe_read_kernel(&first, 1, name);
  if (!joined) {
    /* a symlink's content */
  } else if (first == '/') {
    BPF_CORE_READ_INTO(&at.mnt, task, fs, root.mnt);
    BPF_CORE_READ_INTO(&at.dentry, task, fs, root.dentry);
  } else if (dirfd == AT_FDCWD) {
    BPF_CORE_READ_INTO(&at.mnt, task, fs, pwd.mnt);
    BPF_CORE_READ_INTO(&at.dentry, task, fs, pwd.dentry);
  } else {
    struct file* file = file_of(dirfd);
    BPF_CORE_READ_INTO(&at.mnt, file, f_path.mnt);
    BPF_CORE_READ_INTO(&at.dentry, file, f_path.dentry);
  }
  append_path(s, &base, at.mnt, at.dentry);
  if (!base.len) base.off = s->used;
  if (!first) return base.off | (__u64)base.len << 16;
  if (first == '/' && base.len == 1) { /* the root's "/" is the name's own */
    s->used--;
    base.len = 0;
  } else if (first != '/' && base.len > 1) {
    __u8* slash = record_tail(s, 1, &off);
    if (!slash) return 0;
    *slash = '/';
    s->used = off + 1;
    base.len++;
  }
  void* tail = record_tail(s, BONGSU_PATH_BYTES, &off);
  if (!tail) return 0;
  long n = bpf_probe_read_kernel_str(tail, BONGSU_PATH_BYTES, name);
  if (n <= 1) return 0;
  s->used = off + (__u32)n - 1;
  return base.off | (__u64)(base.len + n - 1) << 16;
}

static __always_inline void append_name(struct scratch* s, struct bongsu_str* str, struct filename* name, int dirfd,
                                        int joined) {
  __u64 built = build_name(s->slot, (__u64)name, dirfd, joined);
  str->off = built;
  str->len = built >> 16;
}
