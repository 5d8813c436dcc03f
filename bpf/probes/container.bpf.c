// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/filter.bpf.h"
#include "lib/task.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Cgroups are made and removed rarely, so every one is told, with its path: user space knows which are containers.
 * container_start and container_stop have one shape (a test compares them).
 */
static __always_inline void tell_cgroup(void* ctx, __u32 type, struct cgroup* cgroup, const char* path) {
  struct scratch* s = record_begin(type, sizeof(struct bongsu_container_start));
  if (!s) return;
  struct bongsu_container_start* r = (void*)s->record;

  fill_current(s);
  r->subject_cgroup_id = BPF_CORE_READ(cgroup, kn, id);
  r->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
  append_string(s, &r->path, path, BONGSU_PATH_BYTES);
  record_send(ctx, s);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup* cgroup, const char* path) {
  tell_cgroup(ctx, BONGSU_EVENT_container_start, cgroup, path);
  return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup* cgroup, const char* path) {
  tell_cgroup(ctx, BONGSU_EVENT_container_stop, cgroup, path);
  return 0;
}

/*
 * After the move: `task` is in the new cgroup already. Of a process that moves as a whole the kernel names its first
 * thread, on version 1 a thread may move alone. The one that moves it is the current one.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_cgroup_attach_task, struct cgroup* cgroup, const char* path, struct task_struct* task) {
  if (!admitted(BONGSU_EVENT_cgroup_move, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_cgroup_move, sizeof(struct bongsu_cgroup_move));
  if (!s) return 0;
  struct bongsu_cgroup_move* r = (void*)s->record;

  fill_task(s, task);
  r->subject_cgroup_id = BPF_CORE_READ(cgroup, kn, id);
  r->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
  r->mover_pid = bpf_get_current_pid_tgid() >> 32;
  append_string(s, &r->path, path, BONGSU_PATH_BYTES);
  record_send(ctx, s);
  return 0;
}

/* `path` is the new one. */
SEC("tp_btf/cgroup_rename")
int BPF_PROG(on_cgroup_rename, struct cgroup* cgroup, const char* path) {
  if (!admitted(BONGSU_EVENT_cgroup_rename, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_cgroup_rename, sizeof(struct bongsu_cgroup_rename));
  if (!s) return 0;
  struct bongsu_cgroup_rename* r = (void*)s->record;

  fill_current(s);
  r->subject_cgroup_id = BPF_CORE_READ(cgroup, kn, id);
  r->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
  append_string(s, &r->path, path, BONGSU_PATH_BYTES);
  record_send(ctx, s);
  return 0;
}
