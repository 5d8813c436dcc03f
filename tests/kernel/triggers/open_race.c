// SPDX-License-Identifier: Apache-2.0
//
// open_race path FOLDER COUNT   opens FOLDER/a COUNT times while another thread writes FOLDER/b over the argument and
//                               back; says each opened file's inode number
// open_race blocked FOLDER      opens the fifo FOLDER/a for reading, by openat2; while the kernel waits there for a
//                               writer, another thread makes FOLDER/b and O_WRONLY | O_APPEND of the arguments
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char path[4096];
static char fifo[4096];
static volatile char* last; /* the byte that differs */
static struct open_how how = {.flags = O_RDONLY};
static volatile int stop;

/* Long enough to be seen, shorter than an open. */
static void hold(void) {
  for (volatile int i = 0; i < 100; i++) {
  }
}

static void* rewrite(void* unused) {
  (void)unused;
  while (!stop) {
    *last = 'b';
    hold();
    *last = 'a';
    hold();
  }
  return 0;
}

static long open_and_close(void) {
  struct stat status;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);

  if (fd < 0 || fstat(fd, &status)) _exit(97);
  close(fd);
  return (long)status.st_ino;
}

static int race(long count) {
  pthread_t thread;
  long* seen = calloc((size_t)count, sizeof(*seen));

  if (!seen || pthread_create(&thread, 0, rewrite, 0)) return 98;
  for (long i = 0; i < count; i++) seen[i] = open_and_close();
  stop = 1;
  pthread_join(thread, 0);
  for (long i = 0; i < count; i++) printf("%ld\n", seen[i]);
  return 0;
}

/* The first thread sleeps nowhere but in its open, which has read the arguments by then. */
static int first_sleeps(void) {
  char name[64], text[512] = "";
  FILE* stat;

  snprintf(name, sizeof(name), "/proc/self/task/%d/stat", getpid());
  stat = fopen(name, "r");
  if (!stat) return 0;
  size_t got = fread(text, 1, sizeof(text) - 1, stat);
  fclose(stat);
  const char* end = got ? strrchr(text, ')') : 0;
  return end && end[2] == 'S';
}

static void* rewrite_while_blocked(void* opening) {
  while (!*(volatile int*)opening || !first_sleeps()) {
  }
  *last = 'b';
  how.flags = O_WRONLY | O_APPEND;
  if (open(fifo, O_WRONLY) < 0) _exit(96);
  return 0;
}

static int blocked(void) {
  static volatile int opening;
  pthread_t thread;

  if (pthread_create(&thread, 0, rewrite_while_blocked, (void*)&opening)) return 98;
  opening = 1;
  long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
  pthread_join(thread, 0);
  printf("%ld\n", fd);
  return fd < 0 ? 95 : 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return 99;
  snprintf(path, sizeof(path), "%s/a", argv[2]);
  snprintf(fifo, sizeof(fifo), "%s/a", argv[2]);
  last = path + strlen(path) - 1;
  if (!strcmp(argv[1], "blocked")) return blocked();
  return argc == 4 ? race(atol(argv[3])) : 99;
}
