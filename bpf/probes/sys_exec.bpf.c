// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define AT_EMPTY_PATH 0x1000 /* include/uapi/linux/fcntl.h */

/* One that succeeded was told by sched_process_exec: by now it is another program's return. */
SEC("tp_btf/sys_exit")
int sys_exec(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx) || !is_error(c.ret) || !admitted(BONGSU_EVENT_exec_failed, c.ret)) return 0;
  struct scratch* s = call_record(&c, BONGSU_EVENT_exec_failed, sizeof(struct bongsu_exec_failed));
  if (!s) return 0;
  struct bongsu_exec_failed* r = (void*)s->record;
  struct bongsu_str given;
  bool at = c.call == BONGSU_CALL_execveat;
  int dirfd = at ? (int)call_arg(&c, 0) : AT_FDCWD;
  __u64 path = at ? call_arg(&c, 1) : call_arg(&c, 0);
  bool empty_allowed = at && call_arg(&c, 4) & AT_EMPTY_PATH;
  char first = 0;

  /* A path that is empty or cannot be read names no file, unless the descriptor itself is meant. */
  if (path && bpf_probe_read_user(&first, 1, (void*)path)) count_fault(BONGSU_EVENT_exec_failed, BONGSU_FAULT_USER);
  if (first || empty_allowed) append_path_argument(s, &r->path, &given, path, dirfd);
  record_send(ctx, s);
  return 0;
}
