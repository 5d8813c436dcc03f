// SPDX-License-Identifier: Apache-2.0
//
// usage: inside CGROUP PROGRAM [ARGUMENT...]: runs it in that cgroup (v2), born there: to move a process from one to
// another makes the kernel wait for all processors, which takes longer than fifty processes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const int cgroup = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (cgroup < 0) return fail(argv[1]);
  struct clone_args how = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (unsigned long long)cgroup};
  const long child = syscall(SYS_clone3, &how, sizeof how);
  if (child < 0) return fail("clone3");
  if (child == 0) {
    execv(argv[2], argv + 2);
    _exit(127);
  }
  int status;
  return waitpid((pid_t)child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}
