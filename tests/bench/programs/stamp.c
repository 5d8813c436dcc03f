// SPDX-License-Identifier: Apache-2.0
//
// usage: PROGRAM | stamp FILE: each line of stdin into the file, behind the time when it was read (CLOCK_REALTIME, ns).
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "bench/programs/workload.h"

static char buffer[1 << 20];

int main(int argc, char** argv) {
  FILE* const out = argc > 1 ? fopen(argv[1], "we") : NULL;
  if (out == NULL) return 2;
  size_t have = 0;
  ssize_t got;
  while ((got = read(0, buffer + have, sizeof buffer - have)) > 0) {
    const long long when = now_ns(CLOCK_REALTIME);
    have += (size_t)got;
    char* line = buffer;
    char* end;
    while ((end = memchr(line, '\n', have - (size_t)(line - buffer))) != NULL) {
      fprintf(out, "%lld %.*s\n", when, (int)(end - line), line);
      line = end + 1;
    }
    fflush(out);
    have -= (size_t)(line - buffer);
    memmove(buffer, line, have);
    if (have == sizeof buffer) have = 0;
  }
  return fclose(out) != 0;
}
