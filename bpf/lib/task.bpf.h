/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The task block that every record carries: who it is, as which user, in which cgroup and namespaces.
 */
#pragma once

#include "lib/cgroup.bpf.h"
#include "lib/path.bpf.h"

#define MINOR_MASK 0xffff

static __always_inline void fill_cgroup(struct bongsu_task* t, struct task_struct* task, const bool typed) {
  struct css_set* set = TAKE(typed, task, cgroups);
  struct bongsu_cgroup_key v1 = {};

  t->cgroup_id = TAKE(typed, set, dfl_cgrp, kn, id);
  fill_cgroup_v1(&v1, set, typed);
  t->cgroup_v1_id = v1.id;
  t->cgroup_v1_hierarchy = v1.hierarchy;
}

static __always_inline void fill_namespaces(struct bongsu_task* t, struct task_struct* task, const struct cred* cred,
                                             const bool typed) {
  struct nsproxy* ns = TAKE(typed, task, nsproxy); /* none left in a task that is almost gone */
  struct pid* pid = TAKE(typed, task, thread_pid);
  struct upid upid = {};

  t->namespaces[BONGSU_NS_USER] = TAKE(typed, cred, user_ns, ns.inum);
  if (ns) {
    t->namespaces[BONGSU_NS_CGROUP] = TAKE(typed, ns, cgroup_ns, ns.inum);
    t->namespaces[BONGSU_NS_IPC] = TAKE(typed, ns, ipc_ns, ns.inum);
    t->namespaces[BONGSU_NS_MNT] = TAKE(typed, ns, mnt_ns, ns.inum);
    t->namespaces[BONGSU_NS_NET] = TAKE(typed, ns, net_ns, ns.inum);
    t->namespaces[BONGSU_NS_UTS] = TAKE(typed, ns, uts_ns, ns.inum);
    if (bpf_core_field_exists(ns->time_ns)) t->namespaces[BONGSU_NS_TIME] = TAKE(typed, ns, time_ns, ns.inum);
  }
  /* The namespace that the pid lives in is that of the deepest of its numbers. */
  if (pid) {
    __u64 at = typed ? number_of(pid) : (__u64)pid; /* no typed pointer takes an unknown offset */
    void* last = (void*)at + bpf_core_field_offset(struct pid, numbers) +
                 TAKE(typed, pid, level) * bpf_core_type_size(struct upid);
    bpf_core_read(&upid.ns, sizeof(upid.ns), &((struct upid*)last)->ns);
    t->namespaces[BONGSU_NS_PID] = BPF_CORE_READ(upid.ns, ns.inum);
  }
}

static __always_inline void fill_tty(struct bongsu_task* t, struct task_struct* task, const bool typed) {
  struct tty_struct* tty = TAKE(typed, task, signal, tty);

  if (!tty) return;
  t->tty_major = TAKE(typed, tty, driver, major);
  t->tty_minor = (TAKE(typed, tty, driver, minor_start) + TAKE(typed, tty, index)) & MINOR_MASK;
}

static __always_inline void fill_from(struct scratch* s, struct task_struct* task, const bool typed) {
  struct bongsu_task* t = &((struct bongsu_header*)s->record)->task;
  const struct cred* cred = TAKE(typed, task, cred);
  struct fs_struct* fs = TAKE(typed, task, fs);

  t->pid = TAKE(typed, task, tgid);
  t->tid = TAKE(typed, task, pid);
  t->start_ns = TAKE(typed, task, group_leader, start_boottime);
  t->parent_pid = TAKE(typed, task, real_parent, tgid);
  t->parent_start_ns = TAKE(typed, task, real_parent, group_leader, start_boottime);
  t->uid = TAKE(typed, cred, uid.val);
  t->gid = TAKE(typed, cred, gid.val);
  t->euid = TAKE(typed, cred, euid.val);
  t->egid = TAKE(typed, cred, egid.val);
  /* The member as a whole: before 6.3 it is u32[2], the same bytes on a little-endian machine. */
  BPF_CORE_READ_INTO(&t->cap_effective, cred, cap_effective);
  BPF_CORE_READ_STR_INTO(&t->comm, task, comm); /* behind its NUL may be bytes of an older one; the record is zeroed */
  fill_cgroup(t, task, typed);
  fill_namespaces(t, task, cred, typed);
  fill_tty(t, task, typed);
  if (fs) append_path(s, &t->working_directory, BPF_CORE_READ(fs, pwd.mnt), BPF_CORE_READ(fs, pwd.dentry));
}

SHARED int fill_task_of(__u32 slot, __u64 task) {
  struct scratch* s = scratch_of(slot);
  if (s) fill_from(s, (void*)task, false);
  return 0;
}

SHARED int fill_current_of(__u32 slot) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  if (current_is_typed())
    fill_from(s, bpf_get_current_task_btf(), true);
  else
    fill_from(s, (void*)bpf_get_current_task(), false);
  return 0;
}

/* Fills header->task, the working directory included: call it before the event's own strings are appended. */
static __always_inline void fill_task(struct scratch* s, struct task_struct* task) {
  fill_task_of(s->slot, number_of(task));
}

/* The same for the task that runs now. */
static __always_inline void fill_current(struct scratch* s) { fill_current_of(s->slot); }

/* Another process: that of `task`, which may be null. */
static __always_inline void fill_target(struct bongsu_target* t, struct task_struct* task) {
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);

  if (!leader) return;
  t->pid = BPF_CORE_READ(leader, tgid);
  t->start_ns = BPF_CORE_READ(leader, start_boottime);
  BPF_CORE_READ_STR_INTO(&t->comm, leader, comm);
}
