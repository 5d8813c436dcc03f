// SPDX-License-Identifier: Apache-2.0
//
// The system calls that the monitor may still make once it watches (seccomp(2)). It executes nothing, makes no process,
// traces and signals nobody, mounts nothing, enters no namespace: whoever takes it over finds these doors shut.
#pragma once

#include "base/result.h"

namespace bongsu {

// Of every thread of the process, for good; sets PR_SET_NO_NEW_PRIVS. What is not on the list fails with ENOSYS, as on
// a kernel that lacks it, so that a later C library takes its older way. Which calls, with which arguments: calls.cpp.
[[nodiscard]] Status allow_only_needed_calls();

}  // namespace bongsu
