// SPDX-License-Identifier: Apache-2.0
//
// Changes a comm:
//   rename_comm own NAME     its own, with prctl(2)
//   rename_comm other NAME   that of another of its threads, through /proc; says that thread's id
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t known, renamed;
static long other;

static void* wait_for_name(void* unused) {
  (void)unused;
  other = syscall(SYS_gettid);
  pthread_barrier_wait(&known);
  pthread_barrier_wait(&renamed);
  return 0;
}

static int rename_other(const char* name) {
  char path[64];
  pthread_t thread;

  pthread_barrier_init(&known, 0, 2);
  pthread_barrier_init(&renamed, 0, 2);
  if (pthread_create(&thread, 0, wait_for_name, 0)) return 98;
  pthread_barrier_wait(&known);
  snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", other);
  FILE* comm = fopen(path, "w");
  if (!comm || fputs(name, comm) < 0 || fclose(comm)) return 97;
  pthread_barrier_wait(&renamed);
  pthread_join(thread, 0);
  printf("%ld\n", other);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 99;
  if (!strcmp(argv[1], "other")) return rename_other(argv[2]);
  return prctl(PR_SET_NAME, argv[2]) ? 96 : 0;
}
