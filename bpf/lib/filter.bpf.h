/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Whether an event is told at all: asked for, not the monitor's own, not filtered out, not part of a flood. Judged
 * before anything of the record is built. Not for exec, fork, exit and the cgroups' events: identity needs them all.
 */
#pragma once

#include "lib/cgroup.bpf.h"
#include "lib/record.bpf.h"

/* include/uapi/linux/bpf.h */
#define BPF_ANY 0
#define BPF_NOEXIST 1

static __always_inline bool is_wanted(const struct bongsu_settings* set, __u64 type) {
  return (type < 64 ? set->wanted[0] >> type : set->wanted[1] >> (type & 63)) & 1;
}

static __always_inline bool same_comm(const char* a, const char* b) {
  const __u64* x = (const void*)a;
  const __u64* y = (const void*)b;
  return x[0] == y[0] && x[1] == y[1];
}

static __always_inline bool filtered_out(const struct bongsu_settings* set, const struct bongsu_cgroup_key* cgroup) {
  if (set->filters & BONGSU_FILTER_MUTED && bpf_map_lookup_elem(&muted, cgroup)) return true;
  if (set->filters & BONGSU_FILTER_FOLLOWED) {
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    if (!bpf_map_lookup_elem(&followed, &pid)) return true;
  }
  if (set->filters & BONGSU_FILTER_UID) {
    /* bpf_get_current_uid_gid() is about the real one. */
    struct task_struct* task = (void*)bpf_get_current_task();
    if (set->uid != BPF_CORE_READ(task, cred, euid.val)) return true;
  }
  if (set->filters & BONGSU_FILTER_COMM) {
    char comm[BONGSU_COMM_BYTES] __attribute__((aligned(8))) = {};
    bpf_get_current_comm(comm, sizeof(comm));
    if (!same_comm(comm, set->comm)) return true;
  }
  return false;
}

static __always_inline void count_refusal(const struct bongsu_cgroup_key* cgroup, __u64 type) {
  struct bongsu_refusal key = {.cgroup = *cgroup, .type = type};
  __u64 one = 1;

  count_loss(type, BONGSU_LOSS_FLOOD);
  if (bpf_map_update_elem(&refusals, &key, &one, BPF_NOEXIST) == 0) return;
  __u64* count = bpf_map_lookup_elem(&refusals, &key);
  if (count) __sync_fetch_and_add(count, 1);
}

/*
 * A token bucket in one word, the time at which the next token would be there if each came alone (the generic cell rate
 * algorithm, ITU-T I.371 annex A). Two CPUs that race here may let one event more through, never fewer.
 */
static __always_inline bool has_share(const struct bongsu_settings* set, const struct bongsu_cgroup_key* cgroup) {
  if (!set->burst_ns) return true;
  __u64 now = now_ns();
  __u64* due = bpf_map_lookup_elem(&buckets, cgroup);
  if (!due) {
    bpf_map_update_elem(&buckets, cgroup, &now, BPF_ANY);
    return true;
  }
  __u64 next = *due > now ? *due : now;
  if (next - now > set->burst_ns) return false;
  *due = next + set->interval_ns;
  return true;
}

static __always_inline void add_to_total(__u32 type, __u64 bytes, bool failed) {
  struct task_struct* task = (void*)bpf_get_current_task();
  struct bongsu_total_key key = {.start_ns = BPF_CORE_READ(task, group_leader, start_boottime),
                                 .pid = bpf_get_current_pid_tgid() >> 32,
                                 .type = type};
  struct bongsu_total* total = bpf_map_lookup_elem(&totals, &key);

  if (!total) {
    struct bongsu_total fresh = {};
    BPF_CORE_READ_STR_INTO(&fresh.comm, task, group_leader, comm);
    bpf_map_update_elem(&totals, &key, &fresh, BPF_NOEXIST);
    total = bpf_map_lookup_elem(&totals, &key);
  }
  if (!total) { /* the table is full */
    count_loss(type, BONGSU_LOSS_RING_FULL);
    return;
  }
  __sync_fetch_and_add(&total->calls, 1);
  __sync_fetch_and_add(&total->bytes, bytes);
  if (failed) __sync_fetch_and_add(&total->errors, 1);
}

/* `result` is the call's: an error, or bytes where the event is about bytes; it is only added up. */
SHARED int admitted(__u64 type, long result) {
  struct bongsu_settings* set = my_settings();
  struct bongsu_cgroup_key cgroup = {};

  if (!set || !is_wanted(set, type) || set->own_pid == bpf_get_current_pid_tgid() >> 32) return 0;
  fill_cgroup_key(&cgroup, (void*)bpf_get_current_task());
  if (set->filters && filtered_out(set, &cgroup)) return 0;
  if (set->filters & BONGSU_FILTER_SUMMARY) {
    bool failed = is_error(result);
    add_to_total(type, failed ? 0 : result, failed);
    return 0;
  }
  if (has_share(set, &cgroup)) return 1;
  count_refusal(&cgroup, type);
  return 0;
}
