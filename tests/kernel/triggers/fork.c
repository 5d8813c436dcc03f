// SPDX-License-Identifier: Apache-2.0
//
// Makes a process, says its pid, waits for it:
//   fork fork | vfork | clone3
//   fork thread         from a thread that is not the first; says that thread's id before the pid
//   fork clone-parent   with CLONE_PARENT: the caller's parent gets the child, and waits for it
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(long number) {
  char line[32];
  int len = snprintf(line, sizeof(line), "%ld\n", number);
  if (write(STDOUT_FILENO, line, (size_t)len) != len) _exit(98);
}

// The child ends at once.
static void tell_and_wait(pid_t child) {
  if (child == 0) _exit(0);
  say(child);
  waitpid(child, 0, 0);
}

static void* fork_in_thread(void* unused) {
  (void)unused;
  say(syscall(SYS_gettid));
  tell_and_wait(fork());
  return 0;
}

static pid_t clone3(unsigned long long flags, unsigned long long exit_signal) {
  struct clone_args args = {.flags = flags, .exit_signal = exit_signal};
  return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int main(int argc, char** argv) {
  const char* how = argc > 1 ? argv[1] : "";
  pthread_t thread;

  if (!strcmp(how, "fork")) {
    tell_and_wait(fork());
  } else if (!strcmp(how, "vfork")) {
    pid_t child = vfork();
    if (child == 0) _exit(0);
    tell_and_wait(child);
  } else if (!strcmp(how, "clone3")) {
    tell_and_wait(clone3(0, SIGCHLD));
  } else if (!strcmp(how, "thread")) {
    if (pthread_create(&thread, 0, fork_in_thread, 0)) return 97;
    pthread_join(thread, 0);
  } else if (!strcmp(how, "clone-parent")) {
    pid_t child = clone3(CLONE_PARENT, 0);
    if (child == 0) _exit(0);
    say(child);
  } else {
    return 99;
  }
  return 0;
}
