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
  BPF_MAP_TYPE_PROG_ARRAY = 3,
  BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_F_CURRENT_CPU = 0xffffffffULL };
enum { BPF_F_NO_PREALLOC = 1U << 0 };

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
  unsigned short i_mode;
  unsigned long i_ino;
  unsigned int i_nlink;
  void* i_private;
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
  void* private_data;
  struct path f_path;
  struct inode* f_inode;
  unsigned int f_flags;
  unsigned int f_mode;
};

struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};
struct files_struct {
  struct fdtable* fdt;
};

/* fs/overlayfs/ovl_entry.h; in the kernel's BTF only where overlayfs is built in */
struct ovl_inode {
  struct inode vfs_inode;
  struct dentry* __upperdentry;
};

struct fs_struct {
  struct path root;
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

struct proc_ns_operations {
  int type; /* until 6.17 */
};
struct ns_common {
  u32 ns_type; /* since 6.18 */
  const struct proc_ns_operations* ops;
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
struct xa_node {
  unsigned char shift;
  void* slots[64];
};
struct xarray {
  void* xa_head;
};
struct idr {
  struct xarray idr_rt;
};
struct pid_namespace {
  struct idr idr;
  unsigned int level;
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
struct hlist_node {
  struct hlist_node* next;
};
struct hlist_head {
  struct hlist_node* first;
};
struct pid {
  unsigned int level;
  struct hlist_head tasks[1];
  struct upid numbers[1];
};

/* One u64 since 6.3, u32[2] before: the same bytes on a little-endian machine. */
typedef struct {
  u64 val;
} kernel_cap_t;

struct group_info {
  int ngroups;
  kgid_t gid[1];
};
struct cred {
  kuid_t uid;
  kgid_t gid;
  kuid_t suid;
  kgid_t sgid;
  kuid_t euid;
  kgid_t egid;
  kernel_cap_t cap_inheritable;
  kernel_cap_t cap_permitted;
  kernel_cap_t cap_effective;
  struct group_info* group_info;
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

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long r10, r9, r8, dx, cx, si, di, bp, bx;
  unsigned long orig_ax;
};
struct thread_info {
  u32 status;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  u64 regs[31];
  u64 orig_x0;
  int syscallno;
};
struct thread_info {
  unsigned long flags;
};
#endif

struct task_struct {
  struct thread_info thread_info;
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
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  struct css_set* cgroups;
  struct mm_struct* mm;
  struct hlist_node pid_links[1];
  void* stack;
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

/* ---- files ---- */
struct file_system_type {
  const char* name;
};
struct super_block___type {
  struct file_system_type* s_type;
};
struct vfsmount___super {
  struct super_block___type* mnt_sb;
  int mnt_flags;
};
struct mount___place {
  struct mnt_namespace* mnt_ns; /* none where it is attached nowhere */
  const char* mnt_devname;
};

/* ---- network ---- */
struct in6_addr {
  union {
    u8 u6_addr8[16];
  } in6_u;
};
struct sock_common {
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  u16 skc_num;
  unsigned short skc_family;
  volatile unsigned char skc_state;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
};
struct sock {
  struct sock_common __sk_common;
  u16 sk_type;
  u16 sk_protocol;
  u32 sk_max_ack_backlog;
};
struct socket {
  struct sock* sk;
};
struct sockaddr_un {
  u16 sun_family;
};
struct unix_address {
  int len; /* of name, the family included */
  struct sockaddr_un name[0];
};
struct unix_sock {
  struct unix_address* addr;
  struct sock* peer;
};

/* ---- io_uring ---- */
struct filename {
  const char* name;
};
struct delayed_filename { /* since 7.0, in the place of the pointer */
  struct filename* __incomplete_filename;
};
struct open_how {
  u64 flags;
};
struct io_open {
  int dfd;
  struct filename* filename;
};
struct io_open___delayed {
  struct delayed_filename filename;
};
struct io_unlink {
  int dfd;
  struct filename* filename;
};
struct io_unlink___delayed {
  struct delayed_filename filename;
};
struct io_mkdir {
  int dfd;
  struct filename* filename;
};
struct io_mkdir___delayed {
  struct delayed_filename filename;
};
struct io_rename {
  int old_dfd;
  int new_dfd;
  struct filename* oldpath;
  struct filename* newpath;
};
struct io_rename___delayed {
  struct delayed_filename oldpath;
  struct delayed_filename newpath;
};
struct io_symlink {
  int new_dfd;
  struct filename* oldpath;
  struct filename* newpath;
};
struct io_symlink___delayed {
  struct delayed_filename oldpath;
  struct delayed_filename newpath;
};
struct io_link { /* io_hardlink before 6.0 */
  int old_dfd;
  int new_dfd;
  struct filename* oldpath;
  struct filename* newpath;
};
struct io_hardlink {
  int old_dfd;
  int new_dfd;
  struct filename* oldpath;
  struct filename* newpath;
};
struct io_link___delayed {
  struct delayed_filename oldpath;
  struct delayed_filename newpath;
};
struct io_xattr {
  struct filename* filename;
};
struct io_xattr___delayed {
  struct delayed_filename filename;
};
struct io_connect {
  void* addr;
  int addr_len;
};
struct io_bind {
  int addr_len;
};
struct io_socket {
  int domain;
  int type;
  int protocol;
};
struct __kernel_sockaddr_storage {};
struct io_async_msghdr {
  struct __kernel_sockaddr_storage addr;
};
struct io_cmd_data {
  struct file* file;
};
struct io_cqe { /* since 5.19 */
  int fd;
};
struct io_kiocb {
  struct file* file;
  u8 opcode;
  struct io_cqe cqe;
  void* async_data;
};

/* ---- signals, modules, BPF, performance events ---- */
struct kernel_siginfo {
  int si_code;
};
struct module {
  char name[56];
};
struct bpf_prog_aux {
  char name[16];
};
enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC };
struct bpf_prog {
  enum bpf_prog_type type;
  struct bpf_prog_aux* aux;
};
struct bpf_map {
  char name[16];
};
struct perf_event_attr {
  u32 type;
  u64 config;
};
struct perf_event {
  struct perf_event_attr attr;
};

#pragma clang attribute pop

/* The values differ between kernel configurations: always through bpf_core_enum_value(). */
enum cgroup_subsys_id {
  cpu_cgrp_id,
  memory_cgrp_id,
  pids_cgrp_id,
};
