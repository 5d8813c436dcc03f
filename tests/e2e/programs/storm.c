/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm COUNT MARKER FILE [NAP]: COUNT times fork, exec and exit, one after the other, as fast as it goes. FILE then
 * tells of each child a line "pid exit-code nanoseconds", the last being how long the parent saw it live (boot time,
 * the clock of the kernel's own start times). The children carry MARKER, their number and how many milliseconds they
 * live as arguments: every tenth NAP, the others none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  EXIT_CODES = 251, /* a prime: the code of a child tells its neighbours apart */
  NAP_EVERY = 10
};

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc == 5 && strcmp(argv[1], "--child") == 0) {
    const struct timespec nap = {.tv_nsec = atoi(argv[4]) * 1000000L};
    nanosleep(&nap, NULL);
    return atoi(argv[3]) % EXIT_CODES;
  }
  if (argc < 4) {
    fprintf(stderr, "usage: storm COUNT MARKER FILE [NAP]\n");
    return 2;
  }
  FILE* record = fopen(argv[3], "w");
  if (record == NULL) {
    perror(argv[3]);
    return 1;
  }
  const int count = atoi(argv[1]);
  for (int i = 0; i < count; ++i) {
    char number[16];
    snprintf(number, sizeof number, "%d", i);
    const long long before_ns = now_ns();
    const pid_t pid = fork();
    if (pid == 0) {
      execl(argv[0], argv[0], "--child", argv[2], number, i % NAP_EVERY == 0 && argc > 4 ? argv[4] : "0", (char*)NULL);
      _exit(255);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
      perror("storm");
      return 1;
    }
    const long long lived_ns = now_ns() - before_ns;
    fprintf(record, "%d %d %lld\n", pid, WIFEXITED(status) ? WEXITSTATUS(status) : -1, lived_ns);
  }
  return fclose(record) == 0 ? 0 : 1;
}
