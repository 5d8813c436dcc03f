// SPDX-License-Identifier: Apache-2.0
//
// What the workloads share: clocks, a pace to keep, and the one line of JSON that each prints at its end.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline long long now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void sleep_until(long long ns) {
  const struct timespec t = {.tv_sec = ns / 1000000000LL, .tv_nsec = ns % 1000000000LL};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

// A loop that ends with its count or its time, at a rate where one is given (0: as fast as it goes).
struct pace {
  long count, done;
  double rate;
  long long began_ns, end_ns;
};

static inline struct pace begin_pace(long count, double rate, double seconds) {
  const long long now = now_ns(CLOCK_MONOTONIC);
  return (struct pace){.count = count, .rate = rate, .began_ns = now, .end_ns = now + (long long)(seconds * 1e9)};
}

// Whether there is one more to do. Sleeps only when it is a millisecond ahead, so high rates come in small bursts.
static inline int keep_pace(struct pace* p) {
  if (p->done >= p->count) return 0;
  if (p->rate > 0) {
    const long long due = p->began_ns + (long long)((double)p->done / p->rate * 1e9);
    const long long now = now_ns(CLOCK_MONOTONIC);
    if (now >= p->end_ns) return 0;
    if (due > now + 1000000) sleep_until(due);
  } else if ((p->done & 255) == 0 && now_ns(CLOCK_MONOTONIC) >= p->end_ns) {
    return 0;
  }
  p->done++;
  return 1;
}

static inline void report(const struct pace* p) {
  printf("{\"n\": %ld, \"seconds\": %.9f}\n", p->done, (double)(now_ns(CLOCK_MONOTONIC) - p->began_ns) / 1e9);
}

static inline double number(int argc, char** argv, int at, double otherwise) {
  return argc > at ? atof(argv[at]) : otherwise;
}

static inline int fail(const char* what) {
  perror(what);
  return 1;
}
