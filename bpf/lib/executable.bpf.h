/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What a process executes, from the file that the kernel opened: nothing here is read from user memory but the
 * arguments.
 */
#pragma once

#include "lib/task.bpf.h"

/* include/uapi/linux/magic.h */
#define OVERLAYFS_SUPER_MAGIC 0x794c7630

/* The overlay inode is followed by its upper dentry: set when the file was made or copied up in the upper layer. */
static __always_inline bool in_upper_layer(struct inode* inode) {
  struct dentry* upper = 0;

  if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC) return false;
  if (bpf_core_field_exists(struct ovl_inode, __upperdentry)) {
    struct ovl_inode* ovl = (void*)inode - bpf_core_field_offset(struct ovl_inode, vfs_inode);
    upper = BPF_CORE_READ(ovl, __upperdentry);
  } else { /* overlayfs is a module: its type is not in the kernel's BTF, but the layout holds since 4.19 */
    bpf_probe_read_kernel(&upper, sizeof(upper), (void*)inode + bpf_core_type_size(struct inode));
  }
  return upper != 0;
}

/* memfd_create(2) makes a dentry without a parent, which no path can lead to, named "memfd:...". */
static __always_inline bool is_memfd(struct dentry* dentry) {
  char name[6] = {};

  if (BPF_CORE_READ(dentry, d_parent) != dentry) return false;
  bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
  return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':';
}

static __always_inline void fill_executable(struct scratch* s, struct file* file) {
  struct bongsu_exec* r = (void*)s->record;
  struct dentry* dentry = BPF_CORE_READ(file, f_path.dentry);
  struct inode* inode = BPF_CORE_READ(file, f_inode);

  r->inode = BPF_CORE_READ(inode, i_ino);
  r->device = BPF_CORE_READ(inode, i_sb, s_dev);
  if (is_memfd(dentry))
    r->flags |= BONGSU_EXEC_MEMFD;
  else if (BPF_CORE_READ(inode, i_nlink) == 0 || !BPF_CORE_READ(dentry, d_hash.pprev))
    r->flags |= BONGSU_EXEC_DELETED;
  if (in_upper_layer(inode)) r->flags |= BONGSU_EXEC_UPPER_LAYER;
  if (!append_path(s, &r->executable, BPF_CORE_READ(file, f_path.mnt), dentry)) r->flags |= BONGSU_EXEC_PATH_TRUNCATED;
}

/*
 * The arguments as the new program finds them on its stack: the kernel has just written them there, so nobody could
 * change them yet, and the pages are there to be read.
 */
static __always_inline void fill_args(struct scratch* s, struct mm_struct* mm) {
  struct bongsu_exec* r = (void*)s->record;
  __u64 start = BPF_CORE_READ(mm, arg_start);
  __u64 bytes = BPF_CORE_READ(mm, arg_end) - start;
  __u32 off;
  void* tail = record_tail(s, BONGSU_ARGS_BYTES, &off);

  r->args_bytes = bytes;
  if (!tail) return;
  if (bytes > BONGSU_ARGS_BYTES) {
    bytes = BONGSU_ARGS_BYTES;
    r->flags |= BONGSU_EXEC_ARGS_TRUNCATED;
  }
  __u32 len = bytes;
  if (len > BONGSU_ARGS_BYTES) return; /* for the verifier, which forgot */
  if (bpf_probe_read_user(tail, len, (void*)start)) {
    /* A page was taken away in between (memory pressure): what the first page holds is better than nothing. */
    r->flags |= BONGSU_EXEC_ARGS_TRUNCATED;
    count_fault(s->type, BONGSU_FAULT_ARGS);
    __u32 first = 4096 - (start & 4095);
    if (len > first) len = first;
    if (len > 4096 || bpf_probe_read_user(tail, len, (void*)start)) return;
  }
  r->args.off = off;
  r->args.len = len;
  s->used = off + len;
}
