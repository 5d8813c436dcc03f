// SPDX-License-Identifier: Apache-2.0
//
// exec HOW FILE ARGS...   executes FILE with ARGS (the program's own name first):
//   path       by its path
//   none       by its path, without any argument: ARGS are left out
//   fd         by a descriptor (execveat with AT_EMPTY_PATH)
//   dirfd      by a name relative to a directory's descriptor
//   memfd      as a copy in an anonymous file, named "bongsu-test"
//   deleted    by a descriptor, its name removed first
//   thread     from a thread that is not the first; says that thread's id
//   vfork      in a child of vfork(2); says the child's pid, and ends when the child has
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static char* file;
static char** args;

static void say(long number) {
  char line[32];
  int len = snprintf(line, sizeof(line), "%ld\n", number);
  if (write(STDOUT_FILENO, line, (size_t)len) != len) _exit(98);
}

static void* in_thread(void* unused) {
  (void)unused;
  say(syscall(SYS_gettid));
  execv(file, args);
  return 0;
}

static int copy_to_memfd(void) {
  int from = open(file, O_RDONLY | O_CLOEXEC);
  int to = memfd_create("bongsu-test", MFD_CLOEXEC);
  char block[65536];
  ssize_t got;

  while ((got = read(from, block, sizeof(block))) > 0)
    if (write(to, block, (size_t)got) != got) return -1;
  return to;
}

static void exec_fd(int fd) { syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH); }

static void exec_at_directory(void) {
  char* slash = strrchr(file, '/');

  *slash = 0;
  syscall(SYS_execveat, open(file, O_PATH | O_DIRECTORY | O_CLOEXEC), slash + 1, args, environ, 0);
}

static int vfork_and_wait(void) {
  int status;
  pid_t child = vfork();

  if (child == 0) {
    execv(file, args);
    _exit(97);
  }
  say(child);
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 96;
}

int main(int argc, char** argv) {
  pthread_t thread;

  if (argc < 3) return 95;
  file = argv[2];
  args = argv + 3;
  const char* how = argv[1];
  if (!strcmp(how, "path")) execv(file, args);
  if (!strcmp(how, "none")) syscall(SYS_execve, file, 0, environ);
  if (!strcmp(how, "fd")) exec_fd(open(file, O_PATH | O_CLOEXEC));
  if (!strcmp(how, "dirfd")) exec_at_directory();
  if (!strcmp(how, "memfd")) exec_fd(copy_to_memfd());
  if (!strcmp(how, "deleted")) {
    int fd = open(file, O_PATH | O_CLOEXEC);
    unlink(file);
    exec_fd(fd);
  }
  if (!strcmp(how, "thread") && !pthread_create(&thread, 0, in_thread, 0)) pthread_join(thread, 0);
  if (!strcmp(how, "vfork")) return vfork_and_wait();
  perror(how);
  return 99;
}
