// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
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

  fill_task(s, (void*)bpf_get_current_task());
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
