/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The cgroup of a task, from its css set: bpf_get_current_cgroup_id() sees the v2 hierarchy only.
 */
#pragma once

#include "wire/wire.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

static __always_inline void find_cgroup_v1(struct bongsu_cgroup_key* key, struct css_set* set, __u32 subsys) {
  struct cgroup_subsys_state* css = 0;
  void* slot = (void*)set + bpf_core_field_offset(struct css_set, subsys) + subsys * sizeof(css);

  if (key->id || bpf_probe_read_kernel(&css, sizeof(css), slot) || !css) return;
  struct cgroup* cgroup = BPF_CORE_READ(css, cgroup);
  int hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
  /* hierarchy 0 is the default one, looked at apart; the root of any hierarchy says nothing */
  if (hierarchy == 0 || BPF_CORE_READ(cgroup, level) == 0) return;
  key->hierarchy = hierarchy;
  key->id = BPF_CORE_READ(cgroup, kn, id);
}

/* The first v1 controller that knows better than the root; id 0 where there is none. */
static __always_inline void fill_cgroup_v1(struct bongsu_cgroup_key* key, struct css_set* set) {
  /* Any controller tells the container; these three are on in practically every kernel. */
  if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
    find_cgroup_v1(key, set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
  if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
    find_cgroup_v1(key, set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
  if (bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id))
    find_cgroup_v1(key, set, bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id));
}

static __always_inline void fill_cgroup_key(struct bongsu_cgroup_key* key, struct task_struct* task) {
  struct css_set* set = BPF_CORE_READ(task, cgroups);

  if (BPF_CORE_READ(set, dfl_cgrp, level) == 0) fill_cgroup_v1(key, set);
  if (!key->id) key->id = BPF_CORE_READ(set, dfl_cgrp, kn, id);
}
