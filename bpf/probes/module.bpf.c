// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/filter.bpf.h"
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MODULE_NAME_BYTES 56 /* include/linux/module.h, MODULE_NAME_LEN */

/* Marked "?": a kernel without modules has no such tracepoints. */

/* The module is in place, its init function has not run. */
SEC("?tp_btf/module_load")
int BPF_PROG(on_module_load, struct module* module) {
  if (!admitted(BONGSU_EVENT_module_load, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_module_load, sizeof(struct bongsu_module_load));
  if (!s) return 0;
  struct bongsu_module_load* r = (void*)s->record;

  fill_current(s);
  append_string(s, &r->name, module->name, MODULE_NAME_BYTES);
  record_send(ctx, s);
  return 0;
}

/* Removed, or loaded with an init function that failed. */
SEC("?tp_btf/module_free")
int BPF_PROG(on_module_free, struct module* module) {
  if (!admitted(BONGSU_EVENT_module_unload, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_module_unload, sizeof(struct bongsu_module_unload));
  if (!s) return 0;
  struct bongsu_module_unload* r = (void*)s->record;

  fill_current(s);
  append_string(s, &r->name, module->name, MODULE_NAME_BYTES);
  record_send(ctx, s);
  return 0;
}
