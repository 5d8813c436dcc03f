// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"
#include "lib/lookup.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MODULE_NAME_BYTES 56     /* include/linux/module.h, MODULE_NAME_LEN */
#define PERF_FLAG_PID_CGROUP 0x4 /* include/uapi/linux/perf_event.h: pid is a cgroup's descriptor */

/* include/uapi/linux/bpf.h */
#define BPF_MAP_CREATE 0
#define BPF_PROG_LOAD 5
#define BPF_NAME_BYTES 16        /* BPF_OBJ_NAME_LEN */
#define ATTR_PROG_NAME_OFFSET 48 /* of prog_name in union bpf_attr, which is fixed for ever; prog_type is first */
#define ATTR_MAP_NAME_OFFSET 28

/* Commands that look something up, or read and write entries: numbers of enum bpf_cmd. */
#define BIT(n) (1ULL << (n))
#define QUIET_ELEMENTS (BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(21)) /* MAP_*_ELEM, MAP_GET_NEXT_KEY */
#define QUIET_BATCHES (BIT(24) | BIT(25) | BIT(26) | BIT(27))        /* MAP_*_BATCH */
#define QUIET_LISTS (BIT(11) | BIT(12) | BIT(23) | BIT(31))          /* *_GET_NEXT_ID */
/* OBJ_GET_INFO_BY_FD, PROG_QUERY, BTF_GET_FD_BY_ID, TASK_FD_QUERY, PROG_STREAM_READ_BY_FD */
#define QUIET_QUERIES (BIT(15) | BIT(16) | BIT(19) | BIT(20) | BIT(37))
#define QUIET_BPF_COMMANDS (QUIET_ELEMENTS | QUIET_BATCHES | QUIET_LISTS | QUIET_QUERIES)

/* bongsu_kexec.flags: those of kexec_file_load as they are, those of kexec_load in the upper half */
#define KEXEC_FLAGS_MASK 0xffff /* include/uapi/linux/kexec.h: an architecture's number lies above */
#define KEXEC_LOAD_SHIFT 32

static __always_inline void tell_module_load(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_module_load, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_module_load, sizeof(struct bongsu_module_load));
  if (!s) return;
  struct bongsu_module_load* r = (void*)s->record;
  if (c->call == BONGSU_CALL_finit_module) append_file(s, &r->path, file_of(call_arg(c, 0)));
  record_send(ctx, s);
}

static __always_inline void tell_module_unload(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_module_unload, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_module_unload, sizeof(struct bongsu_module_unload));
  if (!s) return;
  struct bongsu_module_unload* r = (void*)s->record;
  append_user_string(s, &r->name, call_arg(c, 0), MODULE_NAME_BYTES);
  record_send(ctx, s);
}

/*
 * What the kernel made, by the descriptor that it gave: of an anonymous inode with that name (kernel/bpf/syscall.c,
 * kernel/events/core.c). Null when there is none, or another thread has put another file in its place.
 */
#define ANON_NAME_BYTES 16
static __always_inline void* made(const struct call* c, const char name[ANON_NAME_BYTES]) {
  if (is_error(c->ret)) return 0;
  struct file* file = file_of(c->ret);
  const unsigned char* text = BPF_CORE_READ(file, f_path.dentry, d_name.name);
  char found[ANON_NAME_BYTES] = {};

  bpf_probe_read_kernel_str(found, sizeof(found), text);
  const __u64* a = (const void*)found;
  const __u64* b = (const void*)name;
  return a[0] == b[0] && a[1] == b[1] ? BPF_CORE_READ(file, private_data) : 0;
}

static __always_inline void describe_bpf(struct scratch* s, const struct call* c) {
  static const char program_name[ANON_NAME_BYTES] __attribute__((aligned(8))) = "bpf-prog";
  static const char map_name[ANON_NAME_BYTES] __attribute__((aligned(8))) = "bpf-map";
  struct bongsu_bpf* r = (void*)s->record;
  __u64 attr = call_arg(c, 1);

  if (r->command == BPF_PROG_LOAD) {
    struct bpf_prog* program = made(c, program_name);
    if (program) {
      r->type = BPF_CORE_READ(program, type);
      struct bpf_prog_aux* aux = BPF_CORE_READ(program, aux);
      append_string(s, &r->name, (void*)aux + bpf_core_field_offset(struct bpf_prog_aux, name), BPF_NAME_BYTES);
    } else {
      bpf_probe_read_user(&r->type, sizeof(r->type), (void*)attr);
      append_user_string(s, &r->name, attr + ATTR_PROG_NAME_OFFSET, BPF_NAME_BYTES);
    }
  } else if (r->command == BPF_MAP_CREATE) {
    void* map = made(c, map_name);
    if (map)
      append_string(s, &r->name, map + bpf_core_field_offset(struct bpf_map, name), BPF_NAME_BYTES);
    else
      append_user_string(s, &r->name, attr + ATTR_MAP_NAME_OFFSET, BPF_NAME_BYTES);
  }
}

static __always_inline void tell_bpf(__u64* ctx, const struct call* c) {
  __u64 command = (__u32)call_arg(c, 0);

  if (command < 64 && QUIET_BPF_COMMANDS >> command & 1) return;
  if (!admitted(BONGSU_EVENT_bpf, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_bpf, sizeof(struct bongsu_bpf));
  if (!s) return;
  ((struct bongsu_bpf*)s->record)->command = command;
  describe_bpf(s, c);
  record_send(ctx, s);
}

/* struct perf_event_attr: type, size and config come first (include/uapi/linux/perf_event.h). */
struct perf_attr_head {
  __u32 type, size;
  __u64 config;
};

static __always_inline void tell_perf_event_open(__u64* ctx, const struct call* c) {
  static const char name[ANON_NAME_BYTES] __attribute__((aligned(8))) = "[perf_event]";
  int pid = call_arg(c, 1);

  if (!admitted(BONGSU_EVENT_perf_event_open, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_perf_event_open, sizeof(struct bongsu_perf_event_open));
  if (!s) return;
  struct bongsu_perf_event_open* r = (void*)s->record;
  struct perf_event* event = made(c, name);
  r->cpu = call_arg(c, 2);
  if (event) {
    r->type = BPF_CORE_READ(event, attr.type);
    r->config = BPF_CORE_READ(event, attr.config);
  } else {
    struct perf_attr_head attr = {};
    mark_untrusted(s);
    if (bpf_probe_read_user(&attr, sizeof(attr), (void*)call_arg(c, 0))) count_fault(s->type, BONGSU_FAULT_USER);
    r->type = attr.type;
    r->config = attr.config;
  }
  if (!(call_arg(c, 4) & PERF_FLAG_PID_CGROUP)) {
    if (pid == 0) fill_target(&r->target, (void*)bpf_get_current_task());
    if (pid > 0) fill_target(&r->target, (void*)find_task(pid));
  }
  record_send(ctx, s);
}

static __always_inline void tell_kexec(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_kexec, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_kexec, sizeof(struct bongsu_kexec));
  if (!s) return;
  struct bongsu_kexec* r = (void*)s->record;
  if (c->call == BONGSU_CALL_kexec_file_load) {
    r->flags = call_arg(c, 4) & KEXEC_FLAGS_MASK;
    append_file(s, &r->path, file_of(call_arg(c, 0)));
  } else {
    r->flags = (call_arg(c, 3) & KEXEC_FLAGS_MASK) << KEXEC_LOAD_SHIFT;
  }
  record_send(ctx, s);
}

static __always_inline void tell_userfaultfd(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_userfaultfd, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_userfaultfd, sizeof(struct bongsu_userfaultfd));
  if (!s) return;
  ((struct bongsu_userfaultfd*)s->record)->fd = is_error(c->ret) ? -1 : c->ret;
  record_send(ctx, s);
}

static __always_inline void tell_io_uring_setup(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_io_uring_setup, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_io_uring_setup, sizeof(struct bongsu_io_uring_setup));
  if (!s) return;
  struct bongsu_io_uring_setup* r = (void*)s->record;
  r->entries = call_arg(c, 0);
  r->fd = is_error(c->ret) ? -1 : c->ret;
  record_send(ctx, s);
}

SEC("tp_btf/sys_exit")
int sys_kernel(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  switch (c.call) {
    case BONGSU_CALL_init_module:
    case BONGSU_CALL_finit_module:
      tell_module_load(ctx, &c);
      break;
    case BONGSU_CALL_delete_module:
      tell_module_unload(ctx, &c);
      break;
    case BONGSU_CALL_bpf:
      tell_bpf(ctx, &c);
      break;
    case BONGSU_CALL_perf_event_open:
      tell_perf_event_open(ctx, &c);
      break;
    case BONGSU_CALL_kexec_load:
    case BONGSU_CALL_kexec_file_load:
      tell_kexec(ctx, &c);
      break;
    case BONGSU_CALL_userfaultfd:
      tell_userfaultfd(ctx, &c);
      break;
    case BONGSU_CALL_io_uring_setup:
      tell_io_uring_setup(ctx, &c);
      break;
  }
  return 0;
}
