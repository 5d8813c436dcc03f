// SPDX-License-Identifier: Apache-2.0
//
// A program to be executed: says "ready", then stays as it is until its standard input ends.
#include <unistd.h>

int main(void) {
  char byte;

  if (write(STDOUT_FILENO, "ready\n", 6) != 6) return 1;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
