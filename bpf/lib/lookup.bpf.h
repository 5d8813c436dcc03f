/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The task that a pid argument names, in the caller's pid namespace: what find_task_by_vpid() of kernel/pid.c does. The
 * helper for it (bpf_task_from_vpid) is too new, so the namespace's table of numbers is walked here.
 */
#pragma once

#include "lib/task.bpf.h"

/* include/linux/xarray.h: a pointer with the bits 10 is a node, 64 slots each (XA_CHUNK_SHIFT) */
#define XA_TAG 3
#define XA_INTERNAL 2
#define XA_SHIFT 6
#define XA_SLOTS_MASK 63
#define XA_LEVELS 6 /* enough for numbers of 32 bits */

static __always_inline void* xarray_load(struct xarray* array, __u64 index) {
  __u64 entry = (__u64)BPF_CORE_READ(array, xa_head);

  for (int level = 0; level < XA_LEVELS; level++) {
    if ((entry & XA_TAG) != XA_INTERNAL) break;
    struct xa_node* node = (void*)(entry - XA_INTERNAL);
    __u64 shift = BPF_CORE_READ(node, shift) & XA_SLOTS_MASK;
    __u64 slot = index >> shift & XA_SLOTS_MASK;
    entry = 0;
    bpf_probe_read_kernel(&entry, sizeof(entry), (void*)node + bpf_core_field_offset(struct xa_node, slots) + slot * 8);
  }
  return entry & XA_TAG ? 0 : (void*)entry;
}

/* The number that `pid` has in the namespace of `level`, of those that it has. */
static __always_inline struct upid* number_in(struct pid* pid, __u64 level) {
  return (void*)pid + bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);
}

/* The task as its address; 0 when there is none. A thread's number finds the thread. */
SHARED __u64 find_task(int number) {
  struct task_struct* self = (void*)bpf_get_current_task();
  struct pid* own = BPF_CORE_READ(self, thread_pid);
  if (!own || number <= 0) return 0;
  struct upid* upid = number_in(own, BPF_CORE_READ(own, level));
  struct pid_namespace* ns = BPF_CORE_READ(upid, ns);
  struct pid* pid = xarray_load((void*)ns + bpf_core_field_offset(struct pid_namespace, idr.idr_rt), number);
  if (!pid) return 0;
  /* Beyond the table's end the walk finds another's entry: the number itself decides. */
  upid = number_in(pid, BPF_CORE_READ(ns, level));
  if (BPF_CORE_READ(upid, nr) != number) return 0;
  struct hlist_node* first = BPF_CORE_READ(pid, tasks[0].first); /* PIDTYPE_PID of include/linux/pid_types.h */
  return first ? (__u64)first - bpf_core_field_offset(struct task_struct, pid_links) : 0;
}
