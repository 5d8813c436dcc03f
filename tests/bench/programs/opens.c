// SPDX-License-Identifier: Apache-2.0
//
// usage: opens COUNT PATH [RATE] [SECONDS]: openat (read only) and close.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  struct pace p = begin_pace((long)number(argc, argv, 1, 1), number(argc, argv, 3, 0), number(argc, argv, 4, 60));
  while (keep_pace(&p)) {
    const long fd = syscall(SYS_openat, AT_FDCWD, argv[2], O_RDONLY);
    if (fd < 0) return fail(argv[2]);
    syscall(SYS_close, fd);
  }
  report(&p);
  return 0;
}
