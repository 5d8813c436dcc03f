// SPDX-License-Identifier: Apache-2.0
//
// usage: attach: a program of two instructions on the return of every system call, until stdin ends. The least that any
// monitor costs which is attached there. Says "attached" when it is.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "work.h"

int main(void) {
  const struct bpf_insn return_0[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT},
  };
  const int target = libbpf_find_vmlinux_btf_id("sys_exit", BPF_TRACE_RAW_TP);
  if (target < 0) return fail("sys_exit in the kernel's BTF");
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP, .attach_btf_id = (__u32)target);
  const int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "empty", "GPL", return_0, 2, &options);
  if (program < 0) return fail("load");
  const int link = bpf_raw_tracepoint_open(NULL, program);
  if (link < 0) return fail("attach");
  printf("attached\n");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  return 0;
}
