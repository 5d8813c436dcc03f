// SPDX-License-Identifier: Apache-2.0
//
// calls STEP...   makes system calls one after the other, says each one's result on a line of its own (an error as
// -errno) when all are done, and stays until its standard input ends.
//
// A STEP is words with a byte 1 between them: the way (64, or 32 for int $0x80), the number, and up to six arguments:
//   nNUMBER   itself                      sTEXT   the text
//   rSTEP     that step's result          bSIZE   a buffer of that many zero bytes
//   xHEX      the bytes                   vSIZE   a struct iovec of a buffer of that many bytes
//   wLIST     32-bit words, qLIST 64-bit ones: each nNUMBER or rSTEP, with commas between
// The way "at" makes no call: its result is where its one argument lies.
// What is pointed to lies below 4 GiB, so that a 32-bit call can reach it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define SEPARATOR "\1"
#if defined(__x86_64__)
#define BELOW_4_GIB MAP_32BIT
#else
#define BELOW_4_GIB 0
#endif

static char* arena;
static long results[64];
static int done;

static void* room(size_t bytes) {
  void* at = arena;
  arena += (bytes + 15) & ~(size_t)15;
  return at;
}

static void* text_at(const char* text) { return strcpy(room(strlen(text) + 1), text); }

static void* bytes_at(const char* hex) {
  size_t count = strlen(hex) / 2;
  unsigned char* bytes = room(count);

  for (size_t i = 0; i < count; i++) sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
  return bytes;
}

static void* vector_at(size_t bytes, int narrow) {
  if (narrow) { /* struct compat_iovec of linux/compat.h */
    unsigned* two = room(8);
    two[0] = (unsigned)(unsigned long)room(bytes);
    two[1] = (unsigned)bytes;
    return two;
  }
  struct iovec* one = room(sizeof(*one));
  one->iov_base = room(bytes);
  one->iov_len = bytes;
  return one;
}

static void* words_at(const char* list, size_t width) {
  char* start = room(0);

  for (const char* word = list; word; word = strchr(word, ',') ? strchr(word, ',') + 1 : 0) {
    long value = word[0] == 'r' ? results[atoi(word + 1)] : strtol(word + 1, 0, 0);
    memcpy(arena, &value, width); /* little-endian, as all machines here */
    arena += width;
  }
  room(16 - ((size_t)arena & 15));
  return start;
}

static long argument(const char* word, int narrow) {
  switch (word[0]) {
    case 's':
      return (long)text_at(word + 1);
    case 'x':
      return (long)bytes_at(word + 1);
    case 'b':
      return (long)room(strtoul(word + 1, 0, 0));
    case 'v':
      return (long)vector_at(strtoul(word + 1, 0, 0), narrow);
    case 'w':
      return (long)words_at(word + 1, 4);
    case 'q':
      return (long)words_at(word + 1, 8);
    case 'r':
      return results[atoi(word + 1)];
    default:
      return word[1] == '-' ? strtol(word + 1, 0, 0) : (long)strtoul(word + 1, 0, 0);
  }
}

static long narrow_call(long number, const long* a) {
#if defined(__x86_64__)
  long result;
  /* the sixth argument is rbp, which the compiler keeps: no call here has one */
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
                   : "memory", "r8", "r9", "r10", "r11");
  return (int)result;
#else
  (void)number;
  (void)a;
  return -ENOSYS;
#endif
}

static long make(char* step) {
  char* word = strtok(step, SEPARATOR);
  int narrow = !strcmp(word, "32");

  if (!strcmp(word, "at")) return argument(strtok(0, SEPARATOR), 0);
  long number = atol(strtok(0, SEPARATOR));
  long a[6] = {0};

  for (int i = 0; i < 6 && (word = strtok(0, SEPARATOR)); i++) a[i] = argument(word, narrow);
  if (narrow) return narrow_call(number, a);
  long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return result < 0 ? -errno : result;
}

int main(int argc, char** argv) {
  char said[64 * 24];
  int length = 0;
  char byte;

  arena = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | BELOW_4_GIB, -1, 0);
  if (arena == MAP_FAILED || argc > 64) return 99;
  for (int i = 1; i < argc; i++) results[done++] = make(argv[i]);
  for (int i = 0; i < done; i++) length += sprintf(said + length, "%ld\n", results[i]);
  if (write(STDOUT_FILENO, said, (size_t)length) != length) return 98;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
