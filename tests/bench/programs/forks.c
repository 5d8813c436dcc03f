// SPDX-License-Identifier: Apache-2.0
//
// usage: forks COUNT [RATE] [SECONDS]: vfork, whose child ends at once: the fastest way to records that are never
// refused.
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  struct pace p = begin_pace((long)number(argc, argv, 1, 1), number(argc, argv, 2, 0), number(argc, argv, 3, 60));
  while (keep_pace(&p)) {
    const pid_t child = vfork();
    if (child < 0) return fail("vfork");
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
  }
  report(&p);
  return 0;
}
