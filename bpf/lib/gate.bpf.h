/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What no rule can match is not told: an event keeps the lanes that each of its traits lets pass (struct bongsu_gate of
 * wire/wire.h). User space makes the tables from the rules (src/rules/pushdown.h), and this reads them.
 *
 * Where a trait cannot be told here (a file whose path is cut, an address in the process's memory), all lanes stay.
 */
#pragma once

#include "lib/path.bpf.h"

#define ALL_LANES (~0ULL)

/* The gate of the event type; null where all of it passes. */
static __always_inline struct bongsu_gate* gate_of(__u32 half, __u64 type) {
  __u32 index = half + (type & EVENT_MASK);
  struct bongsu_gate* gate = bpf_map_lookup_elem(&gates, &index);
  return gate && gate->lanes ? gate : 0;
}

/* The lanes that a value keeps, of a trait that has one value. */
static __always_inline __u64 lanes_of_value(const struct bongsu_gate* gate, __u64 type, __u16 trait, __u64 value) {
  struct bongsu_gate_key key = {.value = value, .generation = gate->generation, .event = type, .trait = trait};

  if (!(gate->named >> trait & 1)) return ALL_LANES;
  __u64* lanes = bpf_map_lookup_elem(&gate_values, &key);
  return lanes ? *lanes : gate->rest[trait];
}

/* As gate_hash() of src/events/gates.cpp; what is in `words` behind the text does not count. */
#define HASH_OFFSET 0xcbf29ce484222325ULL
#define HASH_PRIME 0x100000001b3ULL
#define HASH_CASE 0x2020202020202020ULL
#define HASH_WORDS (BONGSU_HASHED_BYTES / 8)

static __always_inline __u64 hash_words(const __u64* words, __u64 bytes, const __u32 most) {
  __u64 hash = HASH_OFFSET;

  for (__u32 i = 0; i < most; i++) {
    if (i * 8 >= bytes) break;
    __u64 word = words[i];
    __u64 left = bytes - i * 8;
    if (left < 8) word &= (1ULL << left * 8) - 1;
    hash = (hash ^ (word | HASH_CASE)) * HASH_PRIME;
    hash ^= hash >> 32;
  }
  return hash;
}

static __always_inline __u64 hash_comm(const __u64* comm) {
  return hash_words(comm, comm[1] ? 16 : comm[0] ? 8 : 0, BONGSU_COMM_BYTES / 8);
}

/* Reads so much of a text as its hash is about into s->walk.text; its length there. */
static __always_inline __u64 read_text(struct scratch* s, __u64 text, __u64 len) {
  if (len > BONGSU_HASHED_BYTES) len = BONGSU_HASHED_BYTES;
  barrier_var(len); /* the verifier is to see the bound that follows */
  if (len > BONGSU_HASHED_BYTES) return 0;
  bpf_probe_read_kernel(s->walk.text, len, (void*)text);
  return len;
}

/* Of `len` bytes of kernel memory. */
static __always_inline __u64 hash_text(struct scratch* s, __u64 text, __u64 len) {
  len = read_text(s, text, len);
  return hash_words(s->walk.text, len, HASH_WORDS);
}

/* Of the name of the dentry that was read from `from` on: a short one has come with it. */
static __always_inline __u64 hash_name(struct scratch* s, __u64 from) {
  __u64 at = s->walk.at.name - from;
  __u64 len = s->walk.at.len;

  if (!dentry_is_whole() || at & 7 || at < __builtin_offsetof(struct walked_dentry, behind) ||
      at > BONGSU_DENTRY_BYTES || at + len > BONGSU_DENTRY_BYTES)
    return hash_text(s, s->walk.at.name, len);
  barrier_var(at);
  return hash_words((void*)&s->walk.at + (at & 0x78), len, HASH_WORDS);
}

/* The lanes that a component of a path, or an extension, adds. */
static __always_inline __u64 added_lanes(const struct bongsu_gate* gate, __u64 type, __u16 trait, __u64 hash) {
  struct bongsu_gate_key key = {.value = hash, .generation = gate->generation, .event = type, .trait = trait};

  /* Nearly no name is one of those that are looked for. */
  if (trait == BONGSU_TRAIT_PATH && !(gate->path_words[hash >> 6 & 3] >> (hash & 63) & 1)) return 0;
  __u64* lanes = bpf_map_lookup_elem(&gate_values, &key);
  return lanes ? *lanes : 0;
}

/* Where the last dot is in the text of s->walk.text, counted from 1; 0: there is none. */
SHARED __u64 last_dot(__u32 slot, __u64 len) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  const __u8* text = (const void*)s->walk.text;

  s->walk.dot = 0; /* in memory, where the verifier does not tell apart what it may be */
  for (__u32 i = 0; i < BONGSU_HASHED_BYTES; i++) {
    if (i >= len) break;
    if (text[i] == '.') s->walk.dot = i + 1;
  }
  return s->walk.dot;
}

/* The lanes that the path's last component, s->walk.at, keeps by its extension. */
static __always_inline __u64 extension_lanes(struct scratch* s, const struct bongsu_gate* gate, __u64 type) {
  __u64 len = s->walk.at.len;

  if (!(gate->named >> BONGSU_TRAIT_EXTENSION & 1)) return 0;
  if (len > BONGSU_HASHED_BYTES) return ALL_LANES;
  read_text(s, s->walk.at.name, len);
  __u64 dot = last_dot(s->slot, len);
  if (!dot) return 0;
  return added_lanes(gate, type, BONGSU_TRAIT_EXTENSION, hash_text(s, s->walk.at.name + dot, len - dot));
}

/* One component on the way from a file to the root: s->walk.lanes grows by what it adds. Not 0: the walk is over. */
SHARED int gate_component(__u32 slot, __u32 half, __u32 type) {
  struct scratch* s = scratch_of(slot);
  struct bongsu_gate* gate = gate_of(half, type);
  if (!s || !gate) return 1;
  __u64 from = s->walk.dentry + DENTRY_OFFSET(d_parent);
  int end = walk_up(s);

  if (end == WALK_CROSSED) return 0;
  if (end == WALK_ROOT) return 1;
  if (end == WALK_ORPHAN) {
    s->walk.lanes = ALL_LANES;
    return 1;
  }
  s->walk.lanes |= added_lanes(gate, type, BONGSU_TRAIT_PATH, hash_name(s, from));
  if (s->walk.first) s->walk.lanes |= extension_lanes(s, gate, type);
  s->walk.first = 0;
  return 0;
}

/*
 * The path argument of the process, read into s->path: a component of it has ended before `end`. s->walk.begin is where
 * it begins. Whatever the argument turns out to be when it is read again, for the record: then too it is what the
 * process says, and no more.
 */
SHARED int gate_given_component(__u32 slot, __u32 half, __u32 type, __u32 end) {
  struct scratch* s = scratch_of(slot);
  struct bongsu_gate* gate = gate_of(half, type);
  __u64 begin = s ? s->walk.begin & PATH_END : 0;
  if (!s || !gate || end <= begin) return 0;
  __u64 len = end - begin;

  s->walk.at.len = len;
  s->walk.at.name = (__u64)(s->path + begin);
  __u64 hash = hash_text(s, s->walk.at.name, len);
  if (len == 2 && s->path[begin] == '.' && s->path[(begin + 1) & PATH_END] == '.') s->walk.climbs = 1;
  s->walk.lanes |= added_lanes(gate, type, BONGSU_TRAIT_PATH, hash) | extension_lanes(s, gate, type);
  return 0;
}

/* All components of the argument; longer ones than this are not looked at. */
#define GIVEN_BYTES 256

SHARED int gate_given(__u32 slot, __u32 half, __u32 type, __u64 user) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  long n = bpf_probe_read_user_str(s->path, GIVEN_BYTES, (void*)user);
  if (n < 1 || n >= GIVEN_BYTES) return 0;
  s->walk.begin = 0;
  s->walk.climbs = 0;
  for (__u32 i = 0; i < GIVEN_BYTES; i++) {
    __u8 byte = s->path[i];
    if (byte && byte != '/') continue;
    gate_given_component(slot, half, type, i);
    s->walk.begin = i + 1;
    if (!byte) return 1;
  }
  return 0;
}

/* Whether the argument has a component "..": 1, or 0; -1 where that cannot be told. */
SHARED int climbs(__u32 slot, __u64 user) {
  struct scratch* s = scratch_of(slot);
  if (!s) return -1;
  long n = bpf_probe_read_user_str(s->path, GIVEN_BYTES, (void*)user);
  if (n < 1 || n >= GIVEN_BYTES) return -1;
  __u32 seen = '/'; /* the last bytes: what is before the first is as good as a slash */
  for (__u32 i = 0; i < GIVEN_BYTES; i++) {
    __u8 byte = s->path[i];
    seen = seen << 8 | (byte ? byte : '/');
    if (seen == ('/' << 24 | '.' << 16 | '.' << 8 | '/')) return 1;
    if (!byte) return 0;
  }
  return -1;
}

/* The lanes of `lanes` that the path argument of an open file keeps. */
static __always_inline __u64 lanes_of_given(struct scratch* s, const struct bongsu_gate* gate, __u64 user,
                                            __u64 lanes) {
  if (!(lanes & ~gate->climbs[0]) || !user) return lanes;
  return climbs(s->slot, user) == 0 ? lanes & gate->climbs[0] : lanes;
}

/* The lanes of `lanes` that the path of an open file keeps. */
static __always_inline __u64 lanes_of_path(struct scratch* s, const struct bongsu_gate* gate, __u32 half, __u64 type,
                                           __u64 mount, __u64 dentry, __u64 lanes) {
  __u64 rest = gate->rest[BONGSU_TRAIT_PATH];
  int over = 0;

  if (!(gate->named >> BONGSU_TRAIT_PATH & 1) || !(lanes & ~rest)) return lanes;
  walk_begin(s, mount, dentry);
  s->walk.lanes = rest;
  s->walk.first = 1; /* a file that is mounted on another has its name from the mount point */
  for (int i = 0; i < PATH_COMPONENTS && !over && lanes & ~s->walk.lanes; i++)
    over = gate_component(s->slot, half, type);
  return over || !(lanes & ~s->walk.lanes) ? lanes & s->walk.lanes : lanes;
}

/* The same where the path is that of a directory and the argument behind it: of an open that failed. */
static __always_inline __u64 lanes_of_asked(struct scratch* s, const struct bongsu_gate* gate, __u32 half, __u64 type,
                                            __u64 user, struct path* from, __u64 lanes) {
  if (!user || !(lanes & ~(gate->rest[BONGSU_TRAIT_PATH] & gate->climbs[0]))) return lanes;
  s->walk.lanes = gate->rest[BONGSU_TRAIT_PATH];
  if (!gate_given(s->slot, half, type, user)) return lanes;
  __u64 left = lanes & gate->climbs[!!s->walk.climbs];
  if (!left || !(gate->named >> BONGSU_TRAIT_PATH & 1)) return left;
  __u64 given = left & s->walk.lanes;
  return given | lanes_of_path(s, gate, half, type, (__u64)from->mnt, (__u64)from->dentry, left);
}
