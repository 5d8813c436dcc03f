// SPDX-License-Identifier: Apache-2.0
//
// usage: calls COUNT: getppid, a call that no rule can ask for. What a hook on all calls costs shows here alone.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  struct pace p = begin_pace((long)number(argc, argv, 1, 1e6), 0, 60);
  // A pace of its own for each call would be a good part of what is measured.
  while (p.done < p.count) {
    for (int i = 0; i < 1000; i++) syscall(SYS_getppid);
    p.done += 1000;
  }
  report(&p);
  return 0;
}
