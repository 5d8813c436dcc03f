/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The kernel types that the probes read, by hand: only the members in use. The attribute makes each access a
 * CO-RE relocation, so neither the order nor the offsets here matter, only names and types. A flavour (`___name`)
 * is the same kernel type with the members of another kernel version.
 */
#pragma once

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef signed short __s16;
typedef unsigned int __u32;
typedef signed int __s32;
typedef unsigned long long __u64;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef int pid_t;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;
enum { false = 0, true = 1 };

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_F_CURRENT_CPU = 0xffffffffULL };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  int counter;
} atomic_t;
typedef struct {
  u32 val;
} kuid_t;
typedef struct {
  u32 val;
} kgid_t;

struct hlist_bl_node {
  struct hlist_bl_node** pprev;
};

struct qstr {
  u32 len;
  const unsigned char* name;
};

struct super_block {
  unsigned long s_magic;
  u32 s_dev;
};

struct inode {
  unsigned long i_ino;
  unsigned int i_nlink;
  struct super_block* i_sb;
};

struct dentry {
  struct hlist_bl_node d_hash;
  struct dentry* d_parent;
  struct qstr d_name;
  struct inode* d_inode;
};

struct vfsmount {
  struct dentry* mnt_root;
};

struct mount {
  struct mount* mnt_parent;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
};

struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};

struct file {
  struct path f_path;
  struct inode* f_inode;
};

/* fs/overlayfs/ovl_entry.h; in the kernel's BTF only where overlayfs is built in */
struct ovl_inode {
  struct inode vfs_inode;
  struct dentry* __upperdentry;
};

struct fs_struct {
  struct path pwd;
};

struct mm_struct {
  unsigned long arg_start;
  unsigned long arg_end;
  struct file* exe_file;
};

struct tty_driver {
  int major;
  int minor_start;
};

struct tty_struct {
  struct tty_driver* driver;
  int index;
};

struct signal_struct {
  atomic_t live;
  unsigned int flags;
  int group_exit_code;
  struct tty_struct* tty;
};

struct ns_common {
  unsigned int inum;
};
struct uts_namespace {
  struct ns_common ns;
};
struct ipc_namespace {
  struct ns_common ns;
};
struct mnt_namespace {
  struct ns_common ns;
};
struct pid_namespace {
  struct ns_common ns;
};
struct net {
  struct ns_common ns;
};
struct time_namespace {
  struct ns_common ns;
};
struct cgroup_namespace {
  struct ns_common ns;
};
struct user_namespace {
  struct ns_common ns;
};

struct nsproxy {
  struct uts_namespace* uts_ns;
  struct ipc_namespace* ipc_ns;
  struct mnt_namespace* mnt_ns;
  struct net* net_ns;
  struct time_namespace* time_ns; /* since 5.6 */
  struct cgroup_namespace* cgroup_ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};
struct pid {
  unsigned int level;
  struct upid numbers[1];
};

/* One u64 since 6.3, u32[2] before: the same bytes on a little-endian machine. */
typedef struct {
  u64 val;
} kernel_cap_t;

struct cred {
  kuid_t uid;
  kgid_t gid;
  kuid_t euid;
  kgid_t egid;
  kernel_cap_t cap_effective;
  struct user_namespace* user_ns;
};

struct kernfs_node {
  u64 id;
};
struct cgroup_root {
  int hierarchy_id;
};
struct cgroup {
  int level;
  struct kernfs_node* kn;
  struct cgroup_root* root;
};
struct cgroup_subsys_state {
  struct cgroup* cgroup;
};
struct css_set {
  struct cgroup_subsys_state* subsys[1];
  struct cgroup* dfl_cgrp;
};

struct task_struct {
  unsigned int flags;
  unsigned int in_execve : 1;
  int exit_code;
  pid_t pid;
  pid_t tgid;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  struct pid* thread_pid;
  u64 start_boottime;
  const struct cred* cred;
  char comm[16];
  struct fs_struct* fs;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  struct css_set* cgroups;
  struct mm_struct* mm;
};

struct linux_binprm {
  int argc;
  const char* filename;
};

struct seq_file;
struct bpf_iter_meta {
  struct seq_file* seq;
};
struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
};

#pragma clang attribute pop

/* The values differ between kernel configurations: always through bpf_core_enum_value(). */
enum cgroup_subsys_id {
  cpu_cgrp_id,
  memory_cgrp_id,
  pids_cgrp_id,
};
