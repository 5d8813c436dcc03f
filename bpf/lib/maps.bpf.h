/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Every map and every setting of the kernel side. Each object that includes this has them; __weak lets the static
 * linker (bpftool gen object) make one of the many. Sizes marked (user space) are set before loading.
 */
#pragma once

#include "wire/wire.h"

#include <bpf/bpf_helpers.h>

/* Slots of scratch memory per CPU: one for a probe, one for the probe that interrupts it. */
#define SCRATCH_SLOTS 2

/* A path is built from its end backwards. The end is also the mask that offsets into it are held to. */
#define PATH_END (BONGSU_PATH_BYTES - 1)
/* Bytes before offset 0, for the "..." of a path whose front is missing. */
#define PATH_MARK 3
/* What the mark, one masked offset and one component (255, NAME_MAX of linux/limits.h) may reach. */
#define PATH_ROOM (PATH_MARK + BONGSU_PATH_BYTES + 256)

/* Of a dentry, from its parent on: with the name where that is short, which lies in the dentry itself. */
#define BONGSU_DENTRY_BYTES 72

/* What a walk reads of a dentry, laid out as there, with a short name that follows. */
struct walked_dentry {
  __u64 parent;
  __u32 hash;
  __u32 len;
  __u64 name;
  __u8 behind[BONGSU_DENTRY_BYTES - 24];
  __u8 room[BONGSU_HASHED_BYTES]; /* for the verifier: what a hash may reach */
};

/* How far a walk up to the root has come: lib/path.bpf.h. Kernel pointers are kept as numbers. */
struct walk {
  __u64 mount;
  __u64 root; /* of that mount */
  __u64 dentry;
  __u64 begin; /* of the path, in scratch.path */
  __u64 lanes; /* this and what follows: lib/gate.bpf.h */
  __u64 first; /* no component has been passed yet: the next one is the last of the path */
  __u64 dot;
  __u64 climbs;
  __u64 text[BONGSU_HASHED_BYTES / 8];
  struct walked_dentry at;
};

/* One record under construction. An array rather than a per-CPU map, whose values end at 32 KiB. */
struct scratch {
  __u64 owner; /* 0: free; else who builds in it */
  __u32 used;  /* bytes of `record` in use */
  __u32 type;
  __u32 slot; /* its key in the map */
  __u32 pad;
  struct walk walk;
  __u8 path[PATH_ROOM];
  union {
    __u8 record[BONGSU_RECORD_BYTES];
    /* Nothing uses these: they put every record's layout into the object's BTF, where a test compares it with C++. */
#define EVENT(id, family, ring, category, ecs_type, doc) struct bongsu_##id as_##id;
#include "wire/events.def"
  };
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1); /* (user space) SCRATCH_SLOTS per possible CPU, and one for the iterator */
  __type(key, __u32);
  __type(value, struct scratch);
} scratch __weak SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct bongsu_counters);
} counters __weak SEC(".maps");

/* exec, fork, exit, container, privilege, kernel: never behind what any process can cause at will. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 * 1024 * 1024); /* (user space) */
} lifecycle_ring __weak SEC(".maps");

/* The same where the kernel has no ring buffer (before 5.8), or when asked for. */
struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} lifecycle_perf __weak SEC(".maps");

/* Everything else: see the events' rows. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 * 1024 * 1024); /* (user space) */
} bulk_ring __weak SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} bulk_perf __weak SEC(".maps");

/* What user space asks for; it may change when the rules do. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct bongsu_settings);
} settings __weak SEC(".maps");

/* By system call number: which program of `handlers` looks at its return. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, BONGSU_CALL_NUMBERS);
  __type(key, __u32);
  __type(value, struct bongsu_dispatch);
} calls __weak SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 32); /* more than there are programs sys_* */
  __type(key, __u32);
  __type(value, __u32);
} handlers __weak SEC(".maps");

/* What user space found cgroups to be: enum bongsu_place. A lost entry costs time, not events. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, struct bongsu_cgroup_key);
  __type(value, __u32);
} places __weak SEC(".maps");

/* What no rule can match, by event type: one half counts while the other is written. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2 * BONGSU_EVENT_LIMIT);
  __type(key, __u32);
  __type(value, struct bongsu_gate);
} gates __weak SEC(".maps");

/* Two generations for a moment, when the rules change. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 2 * BONGSU_GATE_VALUES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct bongsu_gate_key);
  __type(value, __u64);
} gate_values __weak SEC(".maps");

/* Processes that are followed, by thread group id; their children are added as they are made. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u32);
  __type(value, __u32);
} followed __weak SEC(".maps");

/* The token bucket of each cgroup: the time up to which its share is used up. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, struct bongsu_cgroup_key);
  __type(value, __u64);
} buckets __weak SEC(".maps");

/* User space takes the entries out. What finds no room here is still counted in `counters`. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, struct bongsu_refusal);
  __type(value, __u64);
} refusals __weak SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 32768);
  __type(key, struct bongsu_total_key);
  __type(value, struct bongsu_total);
} totals __weak SEC(".maps");

/* Settings, fixed at load time: the verifier removes what they switch off. */
const volatile __u32 use_perf __weak = 0;  /* 1: the perf buffers, 0: the rings */
const volatile __u32 cpu_count __weak = 1; /* possible CPUs: the iterator's scratch comes after theirs */
const volatile struct bongsu_fixed fixed __weak = {};
