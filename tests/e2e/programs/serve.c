/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve PROGRAM [ARGUMENT...]: starts the program, waits for it and ends as it did: what a server does that was talked
 * into running something.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: serve PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    execv(argv[1], argv + 1);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    return 1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
