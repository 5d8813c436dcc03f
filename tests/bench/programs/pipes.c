// SPDX-License-Identifier: Apache-2.0
//
// usage: pipes COUNT: a byte to another process and back, through two pipes.
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  int there[2];
  int back[2];
  char byte = 0;
  if (pipe(there) != 0 || pipe(back) != 0) return fail("pipe");
  const pid_t child = fork();
  if (child < 0) return fail("fork");
  if (child == 0) {
    close(there[1]);
    close(back[0]);
    while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1) {
    }
    _exit(0);
  }
  close(there[0]);
  close(back[1]);
  struct pace p = begin_pace((long)number(argc, argv, 1, 1000), 0, 60);
  while (keep_pace(&p)) {
    if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) return fail("ping-pong");
  }
  report(&p);
  close(there[1]);
  waitpid(child, NULL, 0);
  return 0;
}
