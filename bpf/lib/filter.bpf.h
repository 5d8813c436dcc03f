/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Whether an event is told at all: asked for, not the monitor's own, not filtered out, not part of a flood. Judged
 * before anything of the record is built. Not for exec, fork, exit and the cgroups' events: identity needs them all.
 */
#pragma once

#include "lib/cgroup.bpf.h"
#include "lib/gate.bpf.h"

/* include/uapi/linux/bpf.h */
#define BPF_ANY 0
#define BPF_NOEXIST 1

static __always_inline bool is_wanted(const struct bongsu_settings* set, __u64 type) {
  return (type < 64 ? set->wanted[0] >> type : set->wanted[1] >> (type & 63)) & 1;
}

static __always_inline bool filtered_out(void) {
  if (fixed.filters & BONGSU_FILTER_FOLLOWED) {
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    if (!bpf_map_lookup_elem(&followed, &pid)) return true;
  }
  if (fixed.filters & BONGSU_FILTER_UID) {
    /* bpf_get_current_uid_gid() is about the real one. */
    if (fixed.uid != CURRENT(false, cred, euid.val)) return true;
  }
  if (fixed.filters & BONGSU_FILTER_COMM) {
    __u64 comm[BONGSU_COMM_BYTES / 8] = {};
    const volatile __u64* only = (const volatile void*)fixed.comm;
    bpf_get_current_comm(comm, sizeof(comm));
    if (comm[0] != only[0] || comm[1] != only[1]) return true;
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
static __always_inline bool has_share(const struct bongsu_cgroup_key* cgroup) {
  __u64 now = now_ns();
  __u64* due = bpf_map_lookup_elem(&buckets, cgroup);
  if (!due) {
    bpf_map_update_elem(&buckets, cgroup, &now, BPF_ANY);
    return true;
  }
  __u64 next = *due > now ? *due : now;
  if (next - now > fixed.burst_ns) return false;
  *due = next + fixed.interval_ns;
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

/* What is known of the event before its arguments are looked at. */
static __always_inline __u64 lanes_of_call(const struct bongsu_gate* gate, __u64 type, long result, __u32 place) {
  bool failed = is_error(result);
  __u64 lanes = gate->lanes & gate->outcome[failed];

  if (failed) lanes &= lanes_of_value(gate, type, BONGSU_TRAIT_ERROR, is_interrupted(result) ? EINTR : -result);
  if (place & (BONGSU_PLACE_HOST | BONGSU_PLACE_CONTAINER)) lanes &= gate->place[!!(place & BONGSU_PLACE_CONTAINER)];
  if (gate->named >> BONGSU_TRAIT_UID & 1)
    lanes &= lanes_of_value(gate, type, BONGSU_TRAIT_UID, CURRENT(false, cred, euid.val));
  if (gate->named >> BONGSU_TRAIT_COMM & 1) {
    __u64 comm[BONGSU_COMM_BYTES / 8] = {};
    bpf_get_current_comm(comm, sizeof(comm));
    lanes &= lanes_of_value(gate, type, BONGSU_TRAIT_COMM, hash_comm(comm));
  }
  return lanes;
}

static __always_inline void count_unmatched(__u64 type) {
  struct bongsu_counters* c = my_counters();
  if (c) c->unmatched[type & EVENT_MASK]++;
}

static __always_inline __u64 find_lanes(__u64 type, long result, const bool often) {
  struct bongsu_settings* set = my_settings();
  struct bongsu_cgroup_key cgroup = {};
  __u32 place = 0;

  if (!set || !is_wanted(set, type) || fixed.own_pid == bpf_get_current_pid_tgid() >> 32) return 0;
  if (fixed.filters & BONGSU_FILTER_MUTED || set->gated) {
    fill_cgroup_key(&cgroup, often);
    __u32* known = bpf_map_lookup_elem(&places, &cgroup);
    if (known) place = *known;
    if (fixed.filters & BONGSU_FILTER_MUTED && place & BONGSU_PLACE_MUTED) return 0;
  }
  if (filtered_out()) return 0;
  if (fixed.filters & BONGSU_FILTER_SUMMARY) {
    bool failed = is_error(result);
    add_to_total(type, failed ? 0 : result, failed);
    return 0;
  }
  struct bongsu_gate* gate = set->gated ? gate_of(set->gates, type) : 0;
  if (!gate) return ALL_LANES;
  __u64 lanes = lanes_of_call(gate, type, result, place);
  if (!lanes) count_unmatched(type);
  return lanes;
}

/*
 * The lanes that are left of the event, 0: it is not told. `result` is the call's: an error, or bytes where the event
 * is about bytes. Who knows more of the event asks lib/gate.bpf.h about it; then take_share() has the last word.
 */
SHARED __u64 lanes_left(__u64 type, long result) { return find_lanes(type, result, false); }

/* The same for calls that are made all the time: see lib/current.bpf.h. */
SHARED __u64 lanes_left_often(__u64 type, long result) { return find_lanes(type, result, true); }

/* Whether the cgroup has a token left for the event; what it has none for is counted. */
SHARED int take_share(__u64 type) {
  struct bongsu_cgroup_key cgroup = {};

  if (!fixed.burst_ns) return 1;
  fill_cgroup_key(&cgroup, false);
  if (has_share(&cgroup)) return 1;
  count_refusal(&cgroup, type);
  return 0;
}

static __always_inline bool admitted(__u64 type, long result) { return lanes_left(type, result) && take_share(type); }
