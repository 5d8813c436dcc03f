/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The cgroup of a task, from its css set: bpf_get_current_cgroup_id() sees the v2 hierarchy only.
 */
#pragma once

#include "lib/current.bpf.h"

/* `typed`: see lib/current.bpf.h; of `set`. */
static __always_inline void find_cgroup_v1(struct bongsu_cgroup_key* key, struct css_set* set, __u32 subsys,
                                           const bool typed) {
  struct cgroup_subsys_state* css = 0;
  struct cgroup_subsys_state** slot = (void*)set + bpf_core_field_offset(struct css_set, subsys) + subsys * sizeof(css);

  if (key->id) return;
  if (typed)
    css = *slot;
  else
    bpf_probe_read_kernel(&css, sizeof(css), slot);
  if (!css) return;
  struct cgroup* cgroup = TAKE(typed, css, cgroup);
  int hierarchy = TAKE(typed, cgroup, root, hierarchy_id);
  /* hierarchy 0 is the default one, looked at apart; the root of any hierarchy says nothing */
  if (hierarchy == 0 || TAKE(typed, cgroup, level) == 0) return;
  key->hierarchy = hierarchy;
  key->id = TAKE(typed, cgroup, kn, id);
}

/* The first v1 controller that knows better than the root; id 0 where there is none. */
static __always_inline void fill_cgroup_v1(struct bongsu_cgroup_key* key, struct css_set* set, const bool typed) {
  /* Any controller tells the container; these three are on in practically every kernel. */
  if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
    find_cgroup_v1(key, set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id), typed);
  if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
    find_cgroup_v1(key, set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id), typed);
  if (bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id))
    find_cgroup_v1(key, set, bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id), typed);
}

static __always_inline void fill_key_of_set(struct bongsu_cgroup_key* key, struct css_set* set, const bool typed) {
  if (TAKE(typed, set, dfl_cgrp, level) == 0) fill_cgroup_v1(key, set, typed);
  if (!key->id) key->id = TAKE(typed, set, dfl_cgrp, kn, id);
}

/* Of the task that runs now. `often`: at every call that is looked at, rather than for what is told. */
static __always_inline void fill_cgroup_key(struct bongsu_cgroup_key* key, const bool often) {
  if (often && current_is_typed())
    fill_key_of_set(key, bpf_get_current_task_btf()->cgroups, true);
  else
    fill_key_of_set(key, BPF_CORE_READ((struct task_struct*)bpf_get_current_task(), cgroups), false);
}
