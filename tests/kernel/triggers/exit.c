// SPDX-License-Identifier: Apache-2.0
//
// Ends in one of the ways a process can end:
//   exit code N           by its own will
//   exit signal N         by a signal it sends to itself
//   exit segv             by a fault
//   exit thread N         exit_group(2) from a thread while the first one waits
//   exit leader-first N   the first thread is gone, then another ends the process
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void* end_group(void* code) {
  syscall(SYS_exit_group, (int)(long)code);
  return 0;
}

// The first thread stays a zombie until the last one ends.
static int leader_is_gone(void) {
  char path[64], text[512] = "";
  FILE* stat;

  snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
  stat = fopen(path, "r");
  if (!stat) return 0;
  size_t got = fread(text, 1, sizeof(text) - 1, stat);
  fclose(stat);
  const char* end = got ? strrchr(text, ')') : 0;
  return end && end[2] == 'Z';
}

static void* outlive_leader(void* code) {
  while (!leader_is_gone()) usleep(1000);
  syscall(SYS_exit, (int)(long)code);
  return 0;
}

int main(int argc, char** argv) {
  const struct rlimit no_core = {0, 0};
  const char* how = argc > 1 ? argv[1] : "";
  long number = argc > 2 ? atol(argv[2]) : 0;
  pthread_t thread;

  setrlimit(RLIMIT_CORE, &no_core);
  if (!strcmp(how, "code")) _exit((int)number);
  if (!strcmp(how, "signal")) kill(getpid(), (int)number);
  if (!strcmp(how, "segv")) *(volatile int*)8 = 1;
  if (!strcmp(how, "thread") && !pthread_create(&thread, 0, end_group, (void*)number)) pthread_join(thread, 0);
  if (!strcmp(how, "leader-first") && !pthread_create(&thread, 0, outlive_leader, (void*)number)) syscall(SYS_exit, 3);
  return 99;
}
