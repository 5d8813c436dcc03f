/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The records that cross from the kernel side to user space; read by C (BPF) and C++.
 *
 * A record is one struct below followed by its tail. Alignment is natural and padding explicit; a variable-length
 * value is a bongsu_str that points into the tail. Times are CLOCK_BOOTTIME in nanoseconds, ids are those of the
 * initial pid and user namespaces. Nothing in a record may be trusted to be UTF-8.
 */
#pragma once

#ifdef __bpf__
#include "vmlinux/vmlinux.h"
#else
#include <linux/types.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* Bounds of the kernel side, all in bytes. The tail of the largest record (exec) fits 32 KiB. */
enum {
  BONGSU_ARGS_BYTES = 16384,  /* arguments kept per exec; the rest is cut and told */
  BONGSU_PATH_BYTES = 4096,   /* PATH_MAX of linux/limits.h */
  BONGSU_COMM_BYTES = 16,     /* TASK_COMM_LEN of linux/sched.h */
  BONGSU_RECORD_BYTES = 32768 /* the largest record, tail included */
};

/* A byte string in the record: `off` from the record's first byte. Not NUL-terminated. len 0: no value. */
struct bongsu_str {
  __u16 off;
  __u16 len;
};

/* What made a record, beyond its event. */
enum bongsu_record_flags {
  BONGSU_SNAPSHOT = 1 << 0 /* from the task iterator at start-up: a state, not an event */
};

enum bongsu_exec_flags {
  BONGSU_EXEC_UPPER_LAYER = 1 << 0,
  BONGSU_EXEC_MEMFD = 1 << 1,
  BONGSU_EXEC_DELETED = 1 << 2,
  BONGSU_EXEC_ARGS_TRUNCATED = 1 << 3,
  BONGSU_EXEC_PATH_TRUNCATED = 1 << 4
};

/* Order of bongsu_task.namespaces. */
enum bongsu_namespace {
  BONGSU_NS_CGROUP,
  BONGSU_NS_IPC,
  BONGSU_NS_MNT,
  BONGSU_NS_NET,
  BONGSU_NS_PID,
  BONGSU_NS_TIME,
  BONGSU_NS_USER,
  BONGSU_NS_UTS,
  BONGSU_NS_COUNT
};

/* Who the record is about: the task that did it (for fork: the new process). */
struct bongsu_task {
  __u64 start_ns;        /* of the process: its first thread's start_boottime */
  __u64 cgroup_id;       /* default (v2) hierarchy; 0 where there is none */
  __u64 cgroup_v1_id;    /* the first v1 controller that knows better than the root; else 0 */
  __u64 parent_start_ns; /* of the real parent at this moment; it may be an adopter */
  __u64 cap_effective;
  __u32 parent_pid;
  __u32 pid; /* thread group id */
  __u32 tid;
  __u32 euid;
  __u32 egid;
  __u32 uid;
  __u32 gid;
  __u16 tty_major; /* 0: no controlling terminal (major 0 is never a tty) */
  __u16 tty_minor;
  __u32 namespaces[BONGSU_NS_COUNT]; /* inode numbers; 0: not readable */
  char comm[BONGSU_COMM_BYTES];
  struct bongsu_str working_directory;
  __u32 cgroup_v1_hierarchy; /* cgroup_root.hierarchy_id that cgroup_v1_id belongs to; 0 with it */
};

struct bongsu_header {
  __u32 size; /* of the whole record */
  __u16 type; /* enum bongsu_event_type */
  __u8 pad;
  __u8 flags; /* enum bongsu_record_flags */
  __u64 time_ns;
  struct bongsu_task task;
};

enum bongsu_event_type {
  BONGSU_EVENT_NONE = 0,
#define EVENT(id, family, ring, category, ecs_type, doc) BONGSU_EVENT_##id,
#include "wire/events.def"
  BONGSU_EVENT_COUNT
};

#define EVENT(id, family, ring, category, ecs_type, doc) \
  struct bongsu_##id {                                   \
    struct bongsu_header header;
#define U64(event, member, field) __u64 member;
#define U32(event, member, field) __u32 member;
#define I32(event, member, field) __s32 member;
#define U16(event, member, field) __u16 member;
#define BOOL(event, member, field) __u32 member;
#define SIGNAL(event, member, field) __u32 member;
#define STR(event, member, field) struct bongsu_str member;
#define PAD32(event, member) __u32 member;
#define END_EVENT(id) \
  }                   \
  ;
#include "wire/events.def"

/* Why a record did not reach user space, counted per event type on the kernel side. */
enum bongsu_loss {
  BONGSU_LOSS_RING_FULL = 0, /* the ring or perf buffer had no room: user space is behind */
  BONGSU_LOSS_REENTRANT,     /* the per-CPU scratch was in use (a probe interrupted another) */
  BONGSU_LOSS_COUNT
};

/* What a record that did arrive could not hold, counted per event type. */
enum bongsu_fault {
  BONGSU_FAULT_ARGS = 0, /* part of the arguments could not be read */
  BONGSU_FAULT_PATH,     /* a path was deeper or longer than the walk's bound */
  BONGSU_FAULT_COUNT
};

struct bongsu_counters {
  __u64 emitted[BONGSU_EVENT_COUNT];
  __u64 lost[BONGSU_EVENT_COUNT][BONGSU_LOSS_COUNT];
  __u64 faults[BONGSU_EVENT_COUNT][BONGSU_FAULT_COUNT];
};

#pragma GCC diagnostic pop

#ifdef __cplusplus
}
#endif
