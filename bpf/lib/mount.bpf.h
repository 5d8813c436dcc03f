/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What mounts are like, in the words of mount(2) however they were made.
 */
#pragma once

#include "lib/argument.bpf.h"

/* include/uapi/linux/mount.h */
#define MS_RDONLY 1ULL
#define MS_NOSUID 2ULL
#define MS_NODEV 4ULL
#define MS_NOEXEC 8ULL
#define MS_REMOUNT 32ULL
#define MS_BIND 4096ULL
#define MS_MOVE 8192ULL
#define MS_REC 16384ULL
#define MS_PROPAGATION (15ULL << 17) /* MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED */
#define MS_MGC_VAL 0xC0ED0000ULL     /* programs that were written for Linux 2.2 add it */
#define MS_MGC_MSK 0xffff0000ULL
#define OPEN_TREE_CLONE 1
#define MOVE_MOUNT_F_EMPTY_PATH 4
#define MOUNT_ATTR_SAME 15 /* of MOUNT_ATTR_*, the bits that MS_RDONLY to MS_NOEXEC have too */

#define AT_RECURSIVE 0x8000 /* include/uapi/linux/fcntl.h */

/* include/linux/mount.h */
#define MNT_NOSUID 0x01
#define MNT_NODEV 0x02
#define MNT_NOEXEC 0x04
#define MNT_READONLY 0x40

#define FS_TYPE_BYTES 64 /* longer than any file system's name */

/* struct mount_attr of include/uapi/linux/mount.h */
struct mount_attributes {
  __u64 set;
  __u64 clear;
  __u64 propagation;
};

static __always_inline __u64 flags_of_attributes(__u64 user) {
  struct mount_attributes a = {};

  bpf_probe_read_user(&a, sizeof(a), (void*)user);
  return (a.set & MOUNT_ATTR_SAME) | (a.propagation & MS_PROPAGATION);
}

/* Whether a string of the process's memory is empty; one that cannot be read is not. */
static __always_inline bool is_empty(__u64 user) {
  char first = 1;

  return !user || (!bpf_probe_read_user(&first, 1, (void*)user) && !first);
}

/* The mount that a descriptor of fsmount or open_tree stands for: its source's name, type and flags. */
static __always_inline void append_mount_of(struct scratch* s, struct bongsu_mount* r, struct file* file) {
  if (!file) return;
  struct vfsmount* vfsmount = BPF_CORE_READ(file, f_path.mnt);
  struct vfsmount___super* of_super = (void*)vfsmount;
  struct mount___place* mount = (void*)vfsmount - bpf_core_field_offset(struct mount, mnt);
  int flags = BPF_CORE_READ(of_super, mnt_flags);

  r->flags = (flags & MNT_READONLY ? MS_RDONLY : 0) | (flags & MNT_NOSUID ? MS_NOSUID : 0) |
             (flags & MNT_NODEV ? MS_NODEV : 0) | (flags & MNT_NOEXEC ? MS_NOEXEC : 0);
  append_string(s, &r->path, BPF_CORE_READ(mount, mnt_devname), BONGSU_PATH_BYTES);
  append_string(s, &r->type, BPF_CORE_READ(of_super, mnt_sb, s_type, name), FS_TYPE_BYTES);
}
