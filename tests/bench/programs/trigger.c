// SPDX-License-Identifier: Apache-2.0
//
// usage: trigger COUNT GAP_MS PROGRAM [SECONDS]: executes the program once every GAP_MS, with the argument T<ns>: when
// that was (CLOCK_REALTIME), taken in the child just before its exec. An alert of it so carries its own start.
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const double gap_ms = number(argc, argv, 2, 10);
  struct pace p = begin_pace((long)number(argc, argv, 1, 1), 0, number(argc, argv, 4, 600));
  while (p.done < p.count && now_ns(CLOCK_MONOTONIC) < p.end_ns) {
    const long long began = now_ns(CLOCK_MONOTONIC);
    const pid_t child = fork();
    if (child < 0) return fail("fork");
    if (child == 0) {
      char when[32];
      snprintf(when, sizeof when, "T%lld", now_ns(CLOCK_REALTIME));
      execl(argv[3], argv[3], when, (char*)NULL);
      _exit(127);
    }
    waitpid(child, NULL, 0);
    p.done++;
    sleep_until(began + (long long)(gap_ms * 1e6));
  }
  report(&p);
  return 0;
}
