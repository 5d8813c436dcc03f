/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The task that runs now. Where the kernel hands it out with its type (5.11), its members are read by plain loads,
 * which cost a tenth of a guarded read; the verifier drops the way that is not taken. For what happens at every call
 * that is looked at: to the verifier a load of a pointer is dear (it searches the kernel's types by name, a
 * millisecond), and what is done for told events only is read the other way.
 */
#pragma once

#include "wire/wire.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* include/uapi/linux/bpf.h; a flavour, because bpf_helpers.h does not bring the enum itself. */
enum bpf_func_id___task { BPF_FUNC_get_current_task_btf___task = 158 };

static __always_inline bool current_is_typed(void) {
  return bpf_core_enum_value_exists(enum bpf_func_id___task, BPF_FUNC_get_current_task_btf___task);
}

/*
 * TAKE(typed, p, a, b) is p->a->b: by loads where `typed`, a constant, says that the verifier knows what p is; else by
 * guarded reads. Either gives 0 behind a null pointer.
 */
#define TAKE(typed, p, ...) ((typed) ? ___arrow(p, __VA_ARGS__) : BPF_CORE_READ(p, __VA_ARGS__))

/* Of the task that runs now: CURRENT(often, a, b) is current->a->b, by loads where `often`, a constant, says so. */
#define CURRENT(often, ...)                                                          \
  ((often) && current_is_typed() ? ___arrow(bpf_get_current_task_btf(), __VA_ARGS__) \
                                 : BPF_CORE_READ((struct task_struct*)bpf_get_current_task(), __VA_ARGS__))
