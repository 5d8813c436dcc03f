// SPDX-License-Identifier: Apache-2.0
//
// usage: spawns COUNT PROGRAM [ARGUMENT|-] [RATE] [SECONDS]: posix_spawn and wait, one after the other.
#define _GNU_SOURCE
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "bench/programs/workload.h"

extern char** environ;

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  char* const argument = argc > 3 && strcmp(argv[3], "-") != 0 ? argv[3] : NULL;
  char* const arguments[] = {argv[2], argument, NULL};
  struct pace p = begin_pace((long)number(argc, argv, 1, 1), number(argc, argv, 4, 0), number(argc, argv, 5, 300));
  while (keep_pace(&p)) {
    pid_t pid;
    int status;
    if (posix_spawn(&pid, argv[2], NULL, NULL, arguments, environ) != 0) return fail(argv[2]);
    if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail("child");
  }
  report(&p);
  return 0;
}
