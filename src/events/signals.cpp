// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "events/record.h"

namespace bongsu {

std::string_view signal_name(int number) {
  // By number, as include/uapi/asm-generic/signal.h has them; x86 and arm64 agree. What the C library lets a program do
  // with the first real-time signals differs, so from 32 on the number speaks.
  static constexpr std::array<std::string_view, 65> kNames = {
      "",        "SIGHUP",  "SIGINT",  "SIGQUIT", "SIGILL",  "SIGTRAP", "SIGABRT",   "SIGBUS",  "SIGFPE",   "SIGKILL",
      "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT",  "SIGSTOP",
      "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG",  "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",
      "SIGPWR",  "SIGSYS",  "SIG32",   "SIG33",   "SIG34",   "SIG35",   "SIG36",     "SIG37",   "SIG38",    "SIG39",
      "SIG40",   "SIG41",   "SIG42",   "SIG43",   "SIG44",   "SIG45",   "SIG46",     "SIG47",   "SIG48",    "SIG49",
      "SIG50",   "SIG51",   "SIG52",   "SIG53",   "SIG54",   "SIG55",   "SIG56",     "SIG57",   "SIG58",    "SIG59",
      "SIG60",   "SIG61",   "SIG62",   "SIG63",   "SIG64"};
  return number > 0 && std::cmp_less(number, kNames.size()) ? kNames[static_cast<std::size_t>(number)]
                                                            : std::string_view();
}

}  // namespace bongsu
