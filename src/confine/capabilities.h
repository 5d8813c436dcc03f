// SPDX-License-Identifier: Apache-2.0
//
// The capabilities that the monitor keeps (capabilities(7)): it is started with what its user has, often all of root's,
// and needs few.
#pragma once

#include <string>

#include "base/result.h"

namespace bongsu {

struct CapabilityNeeds {
  bool locked_memory = false;  // more than RLIMIT_MEMLOCK, for perf buffers
  bool low_port = false;       // to listen below 1024
  bool writes_files = false;   // a recording, alerts, a spool, a note: perhaps in folders of others
};

// Of the calling thread, and so of all that it makes later: gives up every capability but those below, for good, with
// PR_SET_NO_NEW_PRIVS; other processes of the same user may neither trace it nor read its memory (PR_SET_DUMPABLE).
// To be called before the first thread. What is kept, as far as it was there:
//   BPF, PERFMON       other rules need other programs; SYS_ADMIN instead where they are not there (before Linux 5.8)
//   DAC_READ_SEARCH    what is known of processes and containers lies in files of others
//   SYS_PTRACE         /proc/PID/exe, root and environ of processes with more capabilities
//   IPC_LOCK           with needs.locked_memory
//   NET_BIND_SERVICE   with needs.low_port
//   DAC_OVERRIDE       with needs.writes_files
// The locked memory that kernels before 5.11 count BPF maps as is asked for here, while it can be had. The text is what
// is kept, for the log: "cap_dac_read_search,cap_bpf".
[[nodiscard]] Result<std::string> keep_needed_capabilities(const CapabilityNeeds& needs);

}  // namespace bongsu
