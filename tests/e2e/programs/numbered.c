/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbered PREFIX RATE: makes and removes the files PREFIX-1, PREFIX-2, ... in that order, RATE a second, until it is
 * killed. What was missed for want of CPU is caught up with.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: numbered PREFIX RATE\n");
    return 2;
  }
  const long long every_ns = 1000000000LL / atoi(argv[2]);
  long long next_ns = now_ns();
  for (long number = 1;; ++number, next_ns += every_ns) {
    char path[4096];
    snprintf(path, sizeof path, "%s-%ld", argv[1], number);
    const int file = open(path, O_CREAT | O_WRONLY, 0600);
    if (file < 0) {
      perror(path);
      return 1;
    }
    close(file);
    unlink(path);
    const long long left_ns = next_ns - now_ns();
    if (left_ns > 0) {
      const struct timespec nap = {.tv_nsec = left_ns % 1000000000LL};
      nanosleep(&nap, NULL);
    }
  }
}
