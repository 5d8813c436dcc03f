// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/dns.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_exit")
int sys_dns(__u64* ctx) {
  struct call c;
  struct socket_call sc;

  if (!call_begin(&c, ctx)) return 0;
  socket_call_begin(&sc, &c);
  tell_dns_call(ctx, &sc);
  return 0;
}
