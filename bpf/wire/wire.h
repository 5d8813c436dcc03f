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

/* An address: of AF_INET the first 4 bytes count, of AF_INET6 all; family 0: none. Network byte order. */
struct bongsu_ip {
  __u32 family;
  __u8 bytes[16];
};

/* What made a record, beyond its event. */
enum bongsu_record_flags {
  BONGSU_SNAPSHOT = 1 << 0, /* from the task iterator at start-up: a state, not an event */
  BONGSU_UNTRUSTED = 1 << 1 /* a string or address was read from user memory after the kernel had used it */
};

/* How a system call was made: which table its number is of. */
enum bongsu_abi {
  BONGSU_ABI_NONE, /* by none */
  BONGSU_ABI_X86_64,
  BONGSU_ABI_I386, /* 32-bit calls, of a 64-bit process too */
  BONGSU_ABI_X32,
  BONGSU_ABI_AARCH64,
  BONGSU_ABI_ARM,
  BONGSU_ABI_IO_URING
};

/* The system calls that a probe handles, whatever their numbers. */
enum bongsu_call {
  BONGSU_CALL_NONE,
#define WATCHED(name, x86_64, i386, arm64, arm, program, events) BONGSU_CALL_##name,
#include "wire/syscalls.def"
  BONGSU_CALL_COUNT
};

/* bongsu_open.flags: the same bits on every architecture. */
enum bongsu_open_flags {
  BONGSU_OPEN_READ = 1 << 0,
  BONGSU_OPEN_WRITE = 1 << 1,
  BONGSU_OPEN_CREATE = 1 << 2,    /* O_CREAT */
  BONGSU_OPEN_CREATED = 1 << 3,   /* and it was not there before */
  BONGSU_OPEN_EXCLUSIVE = 1 << 4, /* O_EXCL */
  BONGSU_OPEN_TRUNCATE = 1 << 5,
  BONGSU_OPEN_APPEND = 1 << 6,
  BONGSU_OPEN_DIRECTORY = 1 << 7,
  BONGSU_OPEN_NOFOLLOW = 1 << 8,
  BONGSU_OPEN_PATH = 1 << 9,
  BONGSU_OPEN_TMPFILE = 1 << 10
};
enum { BONGSU_OPEN_FLAGS = 11 /* how many */ };

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
  __u32 size;  /* of the whole record */
  __u16 type;  /* enum bongsu_event_type */
  __u16 error; /* errno of a call that failed (include/uapi/asm-generic/errno.h, at most 4095); 0: none */
  __u64 time_ns;
  __u16 call; /* enum bongsu_call */
  __u8 abi;   /* enum bongsu_abi */
  __u8 flags; /* enum bongsu_record_flags */
  __u32 pad;
  struct bongsu_task task;
};

/* Another process that something was done to. pid 0: none. */
struct bongsu_target {
  __u64 start_ns; /* as bongsu_task.start_ns */
  __u32 pid;
  __u32 pad;
  char comm[BONGSU_COMM_BYTES];
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
#define I64(event, member, field) __s64 member;
#define IP(event, member, field) struct bongsu_ip member;
#define ENUM(event, member, field, table) __u32 member;
#define FLAGS(event, member, field, table) __u64 member;
#define TARGET(event) struct bongsu_target target;
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
  BONGSU_LOSS_FLOOD,         /* its cgroup had used up its share: struct bongsu_refusal says whose */
  BONGSU_LOSS_COUNT
};

/* What a record that did arrive could not hold, counted per event type. */
enum bongsu_fault {
  BONGSU_FAULT_ARGS = 0, /* part of the arguments could not be read */
  BONGSU_FAULT_PATH,     /* a path was deeper or longer than the walk's bound */
  BONGSU_FAULT_USER,     /* an argument could not be read from the process's memory */
  BONGSU_FAULT_FOLLOW,   /* a child could not be added to the map `followed` */
  BONGSU_FAULT_COUNT
};

/* A power of two above BONGSU_EVENT_COUNT: an index held to it by a mask is one that the verifier believes. */
enum { BONGSU_EVENT_LIMIT = 128 };

struct bongsu_counters {
  __u64 emitted[BONGSU_EVENT_LIMIT];
  __u64 lost[BONGSU_EVENT_LIMIT][BONGSU_LOSS_COUNT];
  __u64 faults[BONGSU_EVENT_LIMIT][BONGSU_FAULT_COUNT];
  __u64 unmatched[BONGSU_EVENT_LIMIT]; /* not told, as no rule could have matched: see struct bongsu_gate */
};

/* Which cgroup, on any version: the v2 one unless that is the root, else the v1 controller's that bongsu_task names. */
struct bongsu_cgroup_key {
  __u64 id;
  __u32 hierarchy;
  __u32 pad;
};

/* Key of the map `refusals`, its value is a __u64: how many events of a type were not told for their cgroup's flood. */
struct bongsu_refusal {
  struct bongsu_cgroup_key cgroup;
  __u32 type; /* enum bongsu_event_type */
  __u32 pad;
};

/* Entry of the map `calls`, by number: [0] for native calls (x32's too), [1] for 32-bit ones. */
struct bongsu_dispatch {
  __u16 program[2]; /* index into the map `handlers` and 1; 0: nobody asks for this call */
  __u16 call[2];    /* enum bongsu_call */
};
enum { BONGSU_CALL_NUMBERS = 1024 /* more than any architecture has */ };

/* Key of the map `totals`: what bongsu trace --summary adds up in the kernel. */
struct bongsu_total_key {
  __u64 start_ns;
  __u32 pid;
  __u32 type; /* enum bongsu_event_type */
};
struct bongsu_total {
  __u64 calls;
  __u64 bytes;
  __u64 errors;
  char comm[BONGSU_COMM_BYTES];
};

/* What the kernel side leaves out, for every event but those that identity needs. */
enum bongsu_filter {
  BONGSU_FILTER_MUTED = 1 << 0,    /* cgroups that the map `places` says to be muted */
  BONGSU_FILTER_FOLLOWED = 1 << 1, /* processes that are not in the map `followed` */
  BONGSU_FILTER_COMM = 1 << 2,     /* threads with another comm */
  BONGSU_FILTER_UID = 1 << 3,      /* processes with another effective user id */
  BONGSU_FILTER_CHILDREN = 1 << 4, /* with FOLLOWED: those that followed processes make are added to the map */
  BONGSU_FILTER_SUMMARY = 1 << 5   /* all: they are added up in the map `totals` */
};

/* Value of the map `places`: what all that happens in a cgroup has in common. */
enum bongsu_place {
  BONGSU_PLACE_MUTED = 1 << 0, /* out of scope */
  BONGSU_PLACE_HOST = 1 << 1,
  BONGSU_PLACE_CONTAINER = 1 << 2
};

/* What is fixed for the monitor's life: constants to the verifier, in a map that the kernel has frozen. */
struct bongsu_fixed {
  __u64 interval_ns; /* of the token bucket: a cgroup may cause one event in this time ... */
  __u64 burst_ns;    /* ... and this time's worth at once; 0: no limit */
  __u32 own_pid;     /* the monitor's: nothing it does is told, but what identity needs */
  __u32 filters;     /* enum bongsu_filter */
  __u32 uid;
  __u32 pad;
  char comm[BONGSU_COMM_BYTES];
};

/* The one entry of the map `settings`: what other rules may change. */
struct bongsu_settings {
  __u64 wanted[2]; /* a bit per event type */
  __u32 gated;     /* 1: what the map `gates` lets nothing pass of is not told */
  __u32 gates;     /* when gated: the index in `gates` of the half that counts, 0 or BONGSU_EVENT_LIMIT */
};

/*
 * Gates: what no rule can match is not told. A lane is a bit, and stands for what some rules need of an event. Each
 * trait of an event keeps the lanes that it lets pass; an event that no lane is left of is not begun. Only events that
 * are seen when a call returns have gates. A trait that the kernel side does not know of an event keeps all lanes.
 */

/* Traits with many values: the map `gate_values` names those that rules name. */
enum bongsu_trait {
  BONGSU_TRAIT_ERROR,     /* errno, of a call that failed */
  BONGSU_TRAIT_UID,       /* effective user id */
  BONGSU_TRAIT_COMM,      /* text hash of the thread's comm */
  BONGSU_TRAIT_PORT,      /* destination port; not where there is none */
  BONGSU_TRAIT_PATH,      /* text hash of each component of file.path: every one that is found adds its lanes */
  BONGSU_TRAIT_EXTENSION, /* text hash of what follows the last dot in the last component; adds to PATH's lanes */
  BONGSU_TRAIT_COUNT
};

/* Indexes of bongsu_gate.address and .family. */
enum bongsu_gate_address {
  BONGSU_ADDRESS_NONE,
  BONGSU_ADDRESS_IPV4_LOOPBACK, /* 127.0.0.0/8 */
  BONGSU_ADDRESS_IPV4_PRIVATE,  /* 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 */
  BONGSU_ADDRESS_IPV4_LINK,     /* 169.254.0.0/16 */
  BONGSU_ADDRESS_IPV4_OTHER,
  BONGSU_ADDRESS_IPV6_LOOPBACK, /* ::1 */
  BONGSU_ADDRESS_IPV6_OTHER,    /* IPv4-mapped ones too */
  BONGSU_ADDRESS_COUNT,
  BONGSU_ADDRESS_LIMIT = 8 /* a power of two above it */
};
enum bongsu_gate_family {
  BONGSU_FAMILY_OTHER,
  BONGSU_FAMILY_UNIX,
  BONGSU_FAMILY_INET,
  BONGSU_FAMILY_INET6,
  BONGSU_FAMILY_COUNT
};

/* Value of the map `gates`, by event type, in one of two halves: see bongsu_settings.gates. */
struct bongsu_gate {
  __u64 lanes;         /* those in use; 0: the event has no gate, all of it passes */
  __u64 place[2];      /* [0] the host, [1] a container */
  __u64 outcome[2];    /* [0] success, [1] failure */
  __u64 abi[8];        /* enum bongsu_abi */
  __u64 open_flag[16]; /* by the number of the bit in enum bongsu_open_flags: any bit that is set adds its lanes */
  __u64 no_open_flag;  /* no bit is set */
  __u64 file_kind[16]; /* S_IFMT's bits of the mode, >> 12 */
  __u64 every_kind;    /* those that each of file_kind keeps */
  __u64 outside[2];    /* file.outside_mount_namespace */
  __u64 climbs[2];     /* [1] the path argument has a component "..", [0] it has none */
  __u64 family[BONGSU_FAMILY_COUNT];
  __u64 address[BONGSU_ADDRESS_LIMIT]; /* of the destination */
  __u64 rest[BONGSU_TRAIT_COUNT];      /* of each value that `gate_values` does not name; of PATH: of every path */
  __u64 path_words[4];                 /* a bit for each hash that TRAIT_PATH names, by its last 8 bits */
  __u32 named;                         /* a bit for each trait that keeps some lanes only */
  __u32 generation;                    /* in the keys of `gate_values` that belong to it */
};

/* Key of the map `gate_values`, whose values are lanes: those that the trait's value keeps. */
struct bongsu_gate_key {
  __u64 value;
  __u32 generation;
  __u16 event; /* enum bongsu_event_type */
  __u16 trait; /* enum bongsu_trait */
};

enum {
  BONGSU_HASHED_BYTES = 64,  /* of a text its hash is about; what follows does not count */
  BONGSU_GATE_VALUES = 16384 /* at most, of one generation */
};

#pragma GCC diagnostic pop

#ifdef __cplusplus
}
#endif
