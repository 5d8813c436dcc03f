/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The task block that every record carries: who it is, as which user, in which cgroup and namespaces.
 */
#pragma once

#include "lib/cgroup.bpf.h"
#include "lib/path.bpf.h"

#define MINOR_MASK 0xffff

static __always_inline void fill_cgroup(struct bongsu_task* t, struct task_struct* task) {
  struct css_set* set = BPF_CORE_READ(task, cgroups);
  struct bongsu_cgroup_key v1 = {};

  t->cgroup_id = BPF_CORE_READ(set, dfl_cgrp, kn, id);
  fill_cgroup_v1(&v1, set, false);
  t->cgroup_v1_id = v1.id;
  t->cgroup_v1_hierarchy = v1.hierarchy;
}

static __always_inline void fill_namespaces(struct bongsu_task* t, struct task_struct* task, const struct cred* cred) {
  struct nsproxy* ns = BPF_CORE_READ(task, nsproxy); /* none left in a task that is almost gone */
  struct pid* pid = BPF_CORE_READ(task, thread_pid);
  struct upid upid = {};

  t->namespaces[BONGSU_NS_USER] = BPF_CORE_READ(cred, user_ns, ns.inum);
  if (ns) {
    t->namespaces[BONGSU_NS_CGROUP] = BPF_CORE_READ(ns, cgroup_ns, ns.inum);
    t->namespaces[BONGSU_NS_IPC] = BPF_CORE_READ(ns, ipc_ns, ns.inum);
    t->namespaces[BONGSU_NS_MNT] = BPF_CORE_READ(ns, mnt_ns, ns.inum);
    t->namespaces[BONGSU_NS_NET] = BPF_CORE_READ(ns, net_ns, ns.inum);
    t->namespaces[BONGSU_NS_UTS] = BPF_CORE_READ(ns, uts_ns, ns.inum);
    if (bpf_core_field_exists(ns->time_ns)) t->namespaces[BONGSU_NS_TIME] = BPF_CORE_READ(ns, time_ns, ns.inum);
  }
  /* The namespace that the pid lives in is that of the deepest of its numbers. */
  if (pid) {
    void* last = (void*)pid + bpf_core_field_offset(struct pid, numbers) +
                 BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);
    bpf_core_read(&upid.ns, sizeof(upid.ns), &((struct upid*)last)->ns);
    t->namespaces[BONGSU_NS_PID] = BPF_CORE_READ(upid.ns, ns.inum);
  }
}

static __always_inline void fill_tty(struct bongsu_task* t, struct task_struct* task) {
  struct tty_struct* tty = BPF_CORE_READ(task, signal, tty);

  if (!tty) return;
  t->tty_major = BPF_CORE_READ(tty, driver, major);
  t->tty_minor = (BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index)) & MINOR_MASK;
}

SHARED int fill_task_of(__u32 slot, __u64 of) {
  struct scratch* s = scratch_of(slot);
  struct task_struct* task = (void*)of;
  if (!s) return 0;
  struct bongsu_task* t = &((struct bongsu_header*)s->record)->task;
  const struct cred* cred = BPF_CORE_READ(task, cred);
  struct fs_struct* fs = BPF_CORE_READ(task, fs);

  t->pid = BPF_CORE_READ(task, tgid);
  t->tid = BPF_CORE_READ(task, pid);
  t->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
  t->parent_pid = BPF_CORE_READ(task, real_parent, tgid);
  t->parent_start_ns = BPF_CORE_READ(task, real_parent, group_leader, start_boottime);
  t->uid = BPF_CORE_READ(cred, uid.val);
  t->gid = BPF_CORE_READ(cred, gid.val);
  t->euid = BPF_CORE_READ(cred, euid.val);
  t->egid = BPF_CORE_READ(cred, egid.val);
  /* The member as a whole: before 6.3 it is u32[2], the same bytes on a little-endian machine. */
  BPF_CORE_READ_INTO(&t->cap_effective, cred, cap_effective);
  BPF_CORE_READ_STR_INTO(&t->comm, task, comm); /* behind its NUL may be bytes of an older one; the record is zeroed */
  fill_cgroup(t, task);
  fill_namespaces(t, task, cred);
  fill_tty(t, task);
  if (fs) append_path(s, &t->working_directory, BPF_CORE_READ(fs, pwd.mnt), BPF_CORE_READ(fs, pwd.dentry));
  return 0;
}

/* Fills header->task, the working directory included: call it before the event's own strings are appended. */
static __always_inline void fill_task(struct scratch* s, struct task_struct* task) {
  fill_task_of(s->slot, number_of(task));
}

/* The same for the task that runs now. */
static __always_inline void fill_current(struct scratch* s) { fill_task_of(s->slot, bpf_get_current_task()); }

/* Another process: that of `task`, which may be null. */
static __always_inline void fill_target(struct bongsu_target* t, struct task_struct* task) {
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);

  if (!leader) return;
  t->pid = BPF_CORE_READ(leader, tgid);
  t->start_ns = BPF_CORE_READ(leader, start_boottime);
  BPF_CORE_READ_STR_INTO(&t->comm, leader, comm);
}
