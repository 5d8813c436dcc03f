// SPDX-License-Identifier: Apache-2.0
//
// uring [--sqpoll] OPERATION...   does each through an io_uring, one after the other, says each one's result on a line
// of its own, and stays until its standard input ends. An OPERATION is some words:
//   open PATH   openat DIRECTORY NAME   openat2 PATH   unlink PATH   mkdir PATH   rename OLD NEW   link OLD NEW
//   symlink CONTENT PATH   setxattr PATH   fsetxattr PATH   ftruncate PATH
//   raw (a raw socket)   stream (an ordinary one)   connect IPV4 PORT   connect-unix PATH   bind IPV4 PORT   listen
//   accept   nop
// connect, bind, listen and accept are on a TCP (or Unix) socket made by a system call; of listen and accept a
// bound one. Linux 6.12 or newer for bind, listen and ftruncate; 5.19 for socket and the xattr ones.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* include/uapi/linux/io_uring.h: Debian 12's does not have all of it */
enum {
  OP_NOP = 0,
  OP_ACCEPT = 13,
  OP_CONNECT = 16,
  OP_OPENAT = 18,
  OP_OPENAT2 = 28,
  OP_RENAMEAT = 35,
  OP_UNLINKAT = 36,
  OP_MKDIRAT = 37,
  OP_SYMLINKAT = 38,
  OP_LINKAT = 39,
  OP_FSETXATTR = 41,
  OP_SETXATTR = 42,
  OP_SOCKET = 45,
  OP_FTRUNCATE = 55,
  OP_BIND = 56,
  OP_LISTEN = 57,
};
enum { SETUP_SQPOLL = 1 << 1, ENTER_GETEVENTS = 1 << 0, ENTER_SQ_WAKEUP = 1 << 1 };
#define OFF_SQES 0x10000000ULL

struct offsets {
  uint32_t head, tail, mask, entries, flags, dropped_or_cqes, array, more;
  uint64_t address;
};
struct parameters {
  uint32_t sq_entries, cq_entries, flags, sq_cpu, sq_idle, features, wq_fd, more[3];
  struct offsets sq, cq;
};
struct entry {
  uint8_t opcode, flags;
  uint16_t priority;
  int32_t fd;
  uint64_t off, addr;
  uint32_t len, op_flags;
  uint64_t user_data, more[3];
};
struct completion {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
};

static int ring;
static char* queues;
static struct entry* entries;
static struct parameters parameters;

static int set_up(int sqpoll) {
  parameters.flags = sqpoll ? SETUP_SQPOLL : 0;
  parameters.sq_idle = 10000; /* ms */
  ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
  if (ring < 0) return -1;
  size_t sq = parameters.sq.array + parameters.sq_entries * sizeof(uint32_t);
  size_t cq = parameters.cq.dropped_or_cqes + parameters.cq_entries * sizeof(struct completion);
  queues = mmap(0, sq > cq ? sq : cq, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, 0);
  entries = mmap(0, parameters.sq_entries * sizeof(struct entry), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                 ring, (off_t)OFF_SQES);
  return queues == MAP_FAILED || entries == MAP_FAILED ? -1 : 0;
}

static uint32_t* word(uint32_t offset) { return (uint32_t*)(void*)(queues + offset); }

static int submit(struct entry entry) {
  uint32_t* tail = word(parameters.sq.tail);
  uint32_t* head = word(parameters.cq.head);
  uint32_t index = *tail & *word(parameters.sq.mask);

  entries[index] = entry;
  word(parameters.sq.array)[index] = index;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  while (__atomic_load_n(word(parameters.cq.tail), __ATOMIC_ACQUIRE) == *head) {
    if (syscall(SYS_io_uring_enter, ring, 1, 1,
                ENTER_GETEVENTS | (parameters.flags & SETUP_SQPOLL ? ENTER_SQ_WAKEUP : 0), 0, 0) < 0 &&
        errno != EINTR)
      return -errno;
  }
  struct completion* done = (struct completion*)(void*)word(parameters.cq.dropped_or_cqes);
  int result = done[*head & *word(parameters.cq.mask)].result;
  __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
  return result;
}

static uint64_t number(const void* pointer) { return (uint64_t)(uintptr_t)pointer; }

static int on_names(int opcode, int fd, const char* first, uint32_t length, const char* second, uint32_t flags) {
  return submit((struct entry){.opcode = (uint8_t)opcode,
                               .fd = fd,
                               .addr = number(first),
                               .len = length,
                               .off = number(second),
                               .op_flags = flags});
}

static int bound(void) {
  struct sockaddr_in any = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  return bind(fd, (struct sockaddr*)&any, sizeof(any)) ? -1 : fd;
}

static int on_address(int opcode, char** words) {
  static struct sockaddr_in address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)atoi(words[2]));
  inet_pton(AF_INET, words[1], &address.sin_addr);
  return submit((struct entry){.opcode = (uint8_t)opcode, .fd = fd, .addr = number(&address), .off = sizeof(address)});
}

static int on_unix(const char* path) {
  static struct sockaddr_un address = {.sun_family = AF_UNIX};

  strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  return submit((struct entry){
      .opcode = OP_CONNECT, .fd = socket(AF_UNIX, SOCK_STREAM, 0), .addr = number(&address), .off = sizeof(address)});
}

static int accept_one(void) {
  int fd = bound();

  listen(fd, 1);
  return submit((struct entry){.opcode = OP_ACCEPT, .fd = fd, .op_flags = 0});
}

/* Does one operation; how many words it took is added to `words`. */
static int operate(char*** words) {
  static const uint64_t how[3] = {O_RDONLY}; /* struct open_how, include/uapi/linux/openat2.h */
  char** w = *words;

#define IS(name, count) (!strcmp(w[0], name) && (*words += (count), 1))
  if (IS("open", 2)) return on_names(OP_OPENAT, AT_FDCWD, w[1], 0, 0, O_RDONLY);
  if (IS("openat", 3)) return on_names(OP_OPENAT, open(w[1], O_PATH), w[2], 0, 0, O_RDONLY);
  if (IS("openat2", 2)) return on_names(OP_OPENAT2, AT_FDCWD, w[1], sizeof(how), (const char*)how, 0);
  if (IS("unlink", 2)) return on_names(OP_UNLINKAT, AT_FDCWD, w[1], 0, 0, 0);
  if (IS("mkdir", 2)) return on_names(OP_MKDIRAT, AT_FDCWD, w[1], 0700, 0, 0);
  if (IS("rename", 3)) return on_names(OP_RENAMEAT, AT_FDCWD, w[1], (uint32_t)AT_FDCWD, w[2], 0);
  if (IS("link", 3)) return on_names(OP_LINKAT, AT_FDCWD, w[1], (uint32_t)AT_FDCWD, w[2], 0);
  if (IS("symlink", 3)) return on_names(OP_SYMLINKAT, AT_FDCWD, w[1], 0, w[2], 0);
  if (IS("ftruncate", 2)) return submit((struct entry){.opcode = OP_FTRUNCATE, .fd = open(w[1], O_RDWR), .off = 3});
  if (IS("fsetxattr", 2))
    return submit((struct entry){
        .opcode = OP_FSETXATTR, .fd = open(w[1], O_RDWR), .addr = number("user.bongsu"), .off = number("1"), .len = 1});
  if (IS("setxattr", 2))
    return submit((struct entry){
        .opcode = OP_SETXATTR, .addr = number("user.bongsu"), .off = number("1"), .len = 1, .more = {0, number(w[1])}});
  if (IS("raw", 1))
    return submit((struct entry){.opcode = OP_SOCKET, .fd = AF_INET, .off = SOCK_RAW, .len = IPPROTO_ICMP});
  if (IS("stream", 1)) return submit((struct entry){.opcode = OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM});
  if (IS("connect", 3)) return on_address(OP_CONNECT, w);
  if (IS("connect-unix", 2)) return on_unix(w[1]);
  if (IS("bind", 3)) return on_address(OP_BIND, w);
  if (IS("listen", 1)) return submit((struct entry){.opcode = OP_LISTEN, .fd = bound(), .len = 4});
  if (IS("accept", 1)) return accept_one();
  if (IS("nop", 1)) return submit((struct entry){.opcode = OP_NOP});
  exit(97);
}

int main(int argc, char** argv) {
  int sqpoll = argc > 1 && !strcmp(argv[1], "--sqpoll");
  char** words = argv + 1 + sqpoll;
  char byte;

  setvbuf(stdout, 0, _IOLBF, 0);
  if (set_up(sqpoll)) {
    printf("no io_uring: %d\n", errno);
    return 99;
  }
  while (*words) printf("%d\n", operate(&words));
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
