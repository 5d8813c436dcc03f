// SPDX-License-Identifier: Apache-2.0
//
// calls each FILE          makes each call once, saying on stdout what the kernel answered, a line each:
//                          mmap ADDRESS, brk BREAK, open FD
// calls open FILE COUNT    opens and closes FILE that many times
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAPPED_BYTES 12288
#define READ_BYTES 7
#define WRITTEN_BYTES 5

static int each(const char* file) {
  char bytes[READ_BYTES];
  void* mapped = mmap(0, MAPPED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED || mprotect(mapped, MAPPED_BYTES, PROT_READ) || munmap(mapped, MAPPED_BYTES)) return 1;
  void* end = sbrk(4096);
  if (end == (void*)-1) return 2;
  void* new_end = sbrk(0);
  int fd = open(file, O_RDWR);
  if (fd < 0 || read(fd, bytes, READ_BYTES) != READ_BYTES || write(fd, "hello", WRITTEN_BYTES) != WRITTEN_BYTES)
    return 3;
  if (close(fd)) return 4;
  printf("mmap %lu\nbrk %lu\nopen %d\n", (unsigned long)mapped, (unsigned long)new_end, fd);
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return 99;
  if (!strcmp(argv[1], "each")) return each(argv[2]);
  for (long i = 0, count = argc > 3 ? atol(argv[3]) : 1; i < count; i++) {
    int fd = open(argv[2], O_RDONLY);
    if (fd < 0 || close(fd)) return 5;
  }
  return 0;
}
