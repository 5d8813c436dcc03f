// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/executable.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Every process there is, as exec records marked BONGSU_SNAPSHOT; read through the iterator's descriptor, not a ring.
 * Another process's memory cannot be read from here: user space adds the arguments.
 */
SEC("iter/task")
int snapshot_task(struct bpf_iter__task* ctx) {
  struct task_struct* task = ctx->task;
  __u32 index = cpu_count * SCRATCH_SLOTS;

  if (!task || task->pid != task->tgid) return 0;
  struct scratch* s = bpf_map_lookup_elem(&scratch, &index);
  if (!s) return 0;
  struct bongsu_exec* r = (void*)s->record;
  struct file* file = BPF_CORE_READ(task, mm, exe_file);

  __builtin_memset(r, 0, sizeof(*r));
  s->used = sizeof(*r);
  s->type = BONGSU_EVENT_exec;
  s->slot = index;
  r->header.type = BONGSU_EVENT_exec;
  r->header.flags = BONGSU_SNAPSHOT;
  r->header.time_ns = now_ns();
  fill_task(s, task);
  if (file) fill_executable(s, file);
  __u64 size = s->used;
  if (size > BONGSU_RECORD_BYTES) return 0;
  r->header.size = size;
  bpf_seq_write(ctx->meta->seq, r, size);
  return 0;
}
