// SPDX-License-Identifier: Apache-2.0
//
// storm COUNT PROGRAM FILE   COUNT times one after the other: fork, execute `PROGRAM code N` (N = i % 256), wait for
// it. FILE gets one line per child: pid, CLOCK_BOOTTIME in nanoseconds before the fork and after the wait, the status.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 4) return 99;
  FILE* out = fopen(argv[3], "w");
  if (!out) return 98;
  for (long i = 0, count = atol(argv[1]); i < count; i++) {
    char code[8];
    int status = 0;
    snprintf(code, sizeof(code), "%ld", i % 256);
    char* args[] = {argv[2], "code", code, 0};
    long long before_ns = now_ns();
    pid_t child = fork();
    if (child == 0) {
      execv(argv[2], args);
      _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return 97;
    long long after_ns = now_ns();
    fprintf(out, "%d %lld %lld %d\n", child, before_ns, after_ns, status);
  }
  return fclose(out) ? 96 : 0;
}
