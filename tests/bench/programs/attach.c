// SPDX-License-Identifier: Apache-2.0
//
// usage: attach: a program of two instructions on the return of every system call, until stdin ends. The least that any
// monitor costs which is attached there: a raw tracepoint, which the kernel runs as it runs a typed one. Says
// "attached" when it is.
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/programs/workload.h"

static int bpf(int command, union bpf_attr* attributes) {
  return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static uint64_t address(const void* of) { return (uint64_t)(uintptr_t)of; }

int main(void) {
  static const struct bpf_insn return_0[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT},
  };
  union bpf_attr load;
  memset(&load, 0, sizeof load);  // the kernel refuses what is not zero behind a command's own part
  load.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
  load.insns = address(return_0);
  load.insn_cnt = 2;
  load.license = address("GPL");
  const int program = bpf(BPF_PROG_LOAD, &load);
  if (program < 0) return fail("load");
  union bpf_attr open;
  memset(&open, 0, sizeof open);
  open.raw_tracepoint.name = address("sys_exit");
  open.raw_tracepoint.prog_fd = (uint32_t)program;
  if (bpf(BPF_RAW_TRACEPOINT_OPEN, &open) < 0) return fail("attach");
  printf("attached\n");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  return 0;
}
