/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Building one record in scratch memory and sending it. A probe does:
 *
 *   if (!admitted(BONGSU_EVENT_x, 0)) return 0;   (lib/filter.bpf.h; not the events that identity needs)
 *   struct scratch* s = record_begin(BONGSU_EVENT_x, sizeof(struct bongsu_x));
 *   if (!s) return 0;                             (counted)
 *   struct bongsu_x* r = (void*)s->record;
 *   ... fixed members, then append_*() for each string ...
 *   record_send(ctx, s);
 */
#pragma once

#include "lib/maps.bpf.h"

#include <bpf/bpf_core_read.h>

#define EVENT_MASK (BONGSU_EVENT_LIMIT - 1)

static __always_inline struct bongsu_counters* my_counters(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&counters, &zero);
}

static __always_inline void count_loss(__u64 type, enum bongsu_loss reason) {
  struct bongsu_counters* c = my_counters();
  if (c) c->lost[type & EVENT_MASK][reason]++;
}

static __always_inline void count_fault(__u64 type, enum bongsu_fault fault) {
  struct bongsu_counters* c = my_counters();
  if (c) c->faults[type & EVENT_MASK][fault]++;
}

/* include/linux/err.h: the last 4095 values stand for errors */
static __always_inline bool is_error(long result) { return (unsigned long)result >= (unsigned long)-4095; }

/*
 * A signal came. Only after this is it decided whether the call is made again or returns EINTR (include/linux/errno.h:
 * ERESTARTSYS to ERESTART_RESTARTBLOCK).
 */
#define EINTR 4 /* include/uapi/asm-generic/errno-base.h */
static __always_inline bool is_interrupted(long result) { return result <= -512 && result >= -516; }

static __always_inline struct bongsu_settings* my_settings(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&settings, &zero);
}

/* include/uapi/linux/bpf.h; a flavour, because bpf_helpers.h does not bring the enum itself. */
enum bpf_func_id___boot { BPF_FUNC_ktime_get_boot_ns___boot = 125 };

/* CLOCK_BOOTTIME where the kernel offers it to programs (5.8); before that the monotonic clock. */
static __always_inline __u64 now_ns(void) {
  if (bpf_core_enum_value_exists(enum bpf_func_id___boot, BPF_FUNC_ktime_get_boot_ns___boot))
    return bpf_ktime_get_boot_ns();
  return bpf_ktime_get_ns();
}

/*
 * Shared work is in global functions: the verifier looks at each of them once, not at each call and for each state that
 * the caller may be in. They take numbers only: a kernel pointer as its value, the record by its slot.
 */
#define SHARED __weak __noinline

static __always_inline struct scratch* scratch_of(__u32 slot) { return bpf_map_lookup_elem(&scratch, &slot); }

/* A pointer that the verifier knows as the number that it is. */
static __always_inline __u64 number_of(const void* pointer) {
  const void* volatile kept = pointer;
  __u64 number = 0;
  bpf_probe_read_kernel(&number, sizeof(number), (const void*)&kept);
  return number;
}

static __always_inline struct scratch* scratch_at(__u32 index, __u32 type) {
  struct scratch* s = bpf_map_lookup_elem(&scratch, &index);
  if (!s || s->owner) return 0;
  s->owner = bpf_get_current_pid_tgid() | 1ULL << 63; /* never 0: pid 0 is the idle task */
  s->type = type;
  s->slot = index;
  return s;
}

/* Scratch memory for one record; null, and counted, where there is none. */
static __always_inline struct scratch* scratch_take(__u32 type) {
  __u32 index = bpf_get_smp_processor_id() * SCRATCH_SLOTS;
  struct scratch* s = scratch_at(index, type);
  if (!s) s = scratch_at(index + 1, type);
  if (!s) count_loss(type, BONGSU_LOSS_REENTRANT);
  return s;
}

/* It becomes no record after all. */
static __always_inline void scratch_leave(struct scratch* s) { s->owner = 0; }

/* `fixed` is the constant size of the event's struct; its bytes are zeroed and the header's are filled in. */
static __always_inline void record_in(struct scratch* s, __u32 type, const __u32 fixed) {
  s->used = fixed;
  __builtin_memset(s->record, 0, fixed);
  struct bongsu_header* h = (void*)s->record;
  h->type = type;
  h->time_ns = now_ns();
}

static __always_inline struct scratch* record_begin(__u32 type, const __u32 fixed) {
  struct scratch* s = scratch_take(type);
  if (s) record_in(s, type, fixed);
  return s;
}

/* A probe that was itself interrupted in scratch_at() may share its slot: then the record is nobody's. */
static __always_inline bool record_is_mine(struct scratch* s) {
  return s->owner == (bpf_get_current_pid_tgid() | 1ULL << 63);
}

/* Which ring an event goes to: EVENT's column `ring`. */
static __always_inline bool is_bulk(__u32 type) {
  enum { RING_lifecycle = 0, RING_none = 0, RING_bulk = 1 };
  switch (type) {
#define EVENT(id, family, ring, category, ecs_type, doc) \
  case BONGSU_EVENT_##id:                                \
    return RING_##ring;
#include "wire/events.def"
    default:
      return false;
  }
}

static __always_inline long output(void* ctx, bool bulk, void* data, __u64 size) {
  if (use_perf)
    return bulk ? bpf_perf_event_output(ctx, &bulk_perf, BPF_F_CURRENT_CPU, data, size)
                : bpf_perf_event_output(ctx, &lifecycle_perf, BPF_F_CURRENT_CPU, data, size);
  return bulk ? bpf_ringbuf_output(&bulk_ring, data, size, 0) : bpf_ringbuf_output(&lifecycle_ring, data, size, 0);
}

static __always_inline void record_send(void* ctx, struct scratch* s) {
  __u64 type = s->type & EVENT_MASK;
  __u64 size = s->used;
  struct bongsu_header* h = (void*)s->record;
  bool mine = record_is_mine(s);
  long error = 0;

  if (size > BONGSU_RECORD_BYTES) size = BONGSU_RECORD_BYTES;
  h->size = size;
  if (mine) error = output(ctx, is_bulk(type), s->record, size);
  s->owner = 0;

  struct bongsu_counters* c = my_counters();
  if (!c) return;
  if (!mine)
    c->lost[type][BONGSU_LOSS_REENTRANT]++;
  else if (error)
    c->lost[type][BONGSU_LOSS_RING_FULL]++;
  else
    c->emitted[type]++;
}

/*
 * Room for `size` more bytes at the record's end, or 0. `size` must have a constant bound `most`: the verifier then
 * knows that [returned, returned + most) lies in the record.
 */
static __always_inline void* record_tail(struct scratch* s, const __u32 most, __u32* off) {
  __u32 used = s->used;
  if (used > BONGSU_RECORD_BYTES - most) return 0;
  *off = used;
  return s->record + used;
}

/* Appends a NUL-terminated kernel string, the NUL left out. `most` bytes at the most, a constant. */
static __always_inline void append_string(struct scratch* s, struct bongsu_str* str, const void* kernel,
                                          const __u32 most) {
  __u32 off;
  void* tail = record_tail(s, most, &off);
  if (!tail || !kernel) return;
  long n = bpf_probe_read_kernel_str(tail, most, kernel);
  if (n <= 1) return; /* with the NUL */
  str->off = off;
  str->len = n - 1;
  s->used = off + (__u32)n - 1;
}
