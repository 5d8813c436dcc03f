// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/dns.bpf.h"
#include "lib/filter.bpf.h"
#include "lib/socket.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define FAMILY_UNSPEC 0x10000 /* connect with AF_UNSPEC, which is 0: that stands for a family that is not known */

static __always_inline void tell_socket(void* ctx, struct socket_call* sc) {
  long ret = sc->c->ret;
  __u32 family = sc->args[0];
  __u32 type = sc->args[1] & SOCK_TYPE_MASK;
  __u32 protocol = sc->args[2];
  struct sock* sk = is_error(ret) ? 0 : sock_of(ret);

  if (sk && sc->copied) { /* another thread may have made its arguments look ordinary */
    family = BPF_CORE_READ(sk, __sk_common.skc_family);
    type = BPF_CORE_READ(sk, sk_type);
    if (family != AF_PACKET) protocol = BPF_CORE_READ(sk, sk_protocol);
  }
  if (is_ordinary_socket(family, type, protocol) || !admitted(BONGSU_EVENT_socket, is_error(ret) ? ret : 0)) return;
  struct scratch* s = socket_record(sc, BONGSU_EVENT_socket, sizeof(struct bongsu_socket));
  if (!s) return;
  struct bongsu_socket* r = (void*)s->record;
  r->family = family;
  r->type = type;
  r->protocol = family == AF_PACKET ? bpf_ntohs(protocol) : protocol;
  r->fd = is_error(ret) ? -1 : ret;
  record_send(ctx, s);
}

/* The members that bind, listen, connect and accept begin with. */
#define SAME_PLACE(event, member)                                                                             \
  _Static_assert(                                                                                             \
      __builtin_offsetof(struct bongsu_##event, member) == __builtin_offsetof(struct bongsu_connect, member), \
      #event "." #member)
#define SAME_BEGIN(event)         \
  SAME_PLACE(event, family);      \
  SAME_PLACE(event, type);        \
  SAME_PLACE(event, transport);   \
  SAME_PLACE(event, fd);          \
  SAME_PLACE(event, source);      \
  SAME_PLACE(event, source_port); \
  SAME_PLACE(event, path)
SAME_BEGIN(bind);
SAME_BEGIN(listen);
SAME_BEGIN(accept);
SAME_PLACE(accept, destination);
SAME_PLACE(accept, destination_port);

static __always_inline void begin_ends(struct bongsu_connect* r, struct sock* sk, int fd) {
  r->fd = fd;
  r->source_port = NO_PORT;
  if (!sk) return;
  r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
  r->type = BPF_CORE_READ(sk, sk_type);
  if (is_inet(r->family)) r->transport = BPF_CORE_READ(sk, sk_protocol);
}

/* bind and listen: the socket's own address. A failed bind's is the one that it asked for. */
SHARED int build_own(__u32 slot, int fd, __u64 user, __u64 length) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  struct bongsu_connect* r = (void*)s->record; /* as far as bind and listen are the same */
  struct sock* sk = sock_of(fd);

  begin_ends(r, sk, fd);
  if (r->header.error && user) {
    append_asked(s, &r->source, &r->source_port, &r->path, user, length);
  } else if (is_inet(r->family)) {
    fill_own(&r->source, &r->source_port, sk);
  } else if (r->family == AF_UNIX) {
    append_unix_address(s, &r->path, sk);
  }
  return 0;
}

/* Whether the kernel's socket shows what became of the connect: it is connected, or on its way. */
static __always_inline bool is_under_way(__u32 error) { return !error || error == EINPROGRESS || error == EINTR; }

SHARED int build_connect(__u32 slot, int fd, __u64 user, __u64 length) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  struct bongsu_connect* r = (void*)s->record;
  struct sock* sk = sock_of(fd);
  struct unix_sock* unix = (void*)sk;

  begin_ends(r, sk, fd);
  r->destination_port = NO_PORT;
  if (is_inet(r->family) && BPF_CORE_READ(sk, __sk_common.skc_num)) fill_own(&r->source, &r->source_port, sk);
  if (sk && is_under_way(r->header.error)) {
    if (r->family == AF_UNIX) {
      struct sock* peer = BPF_CORE_READ(unix, peer);
      if (peer)
        append_unix_address(s, &r->path, peer);
      else
        r->family = FAMILY_UNSPEC;
      return 0;
    }
    if (is_inet(r->family)) {
      /* connect with AF_UNSPEC ends a connection: inet_dgram_connect() and tcp_disconnect() leave no peer */
      if (!r->header.error && BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE &&
          !BPF_CORE_READ(sk, __sk_common.skc_dport))
        r->family = FAMILY_UNSPEC;
      else
        fill_peer(&r->destination, &r->destination_port, sk);
      return 0;
    }
  }
  append_asked(s, &r->destination, &r->destination_port, &r->path, user, length);
  return 0;
}

/* The peer is where it comes from. Of a failed one there is the waiting socket alone. */
SHARED int build_accept(__u32 slot, int taken, int waiting) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  struct bongsu_accept* r = (void*)s->record;
  struct sock* sk = sock_of(taken < 0 ? waiting : taken);

  begin_ends((void*)r, sk, taken);
  r->destination_port = NO_PORT;
  if (is_inet(r->family)) {
    fill_own(&r->destination, &r->destination_port, sk);
    if (taken >= 0) fill_peer(&r->source, &r->source_port, sk);
  } else if (r->family == AF_UNIX) {
    append_unix_address(s, &r->path, sk);
  }
  return 0;
}

static __always_inline void tell_bind(void* ctx, struct socket_call* sc) {
  if (!admitted(BONGSU_EVENT_bind, sc->c->ret)) return;
  struct scratch* s = socket_record(sc, BONGSU_EVENT_bind, sizeof(struct bongsu_bind));
  if (!s) return;
  build_own(s->slot, sc->args[0], sc->args[1], sc->args[2]);
  record_send(ctx, s);
}

static __always_inline void tell_listen(void* ctx, struct socket_call* sc) {
  if (!admitted(BONGSU_EVENT_listen, sc->c->ret)) return;
  struct scratch* s = socket_record(sc, BONGSU_EVENT_listen, sizeof(struct bongsu_listen));
  if (!s) return;
  ((struct bongsu_listen*)s->record)->backlog = sc->args[1];
  build_own(s->slot, sc->args[0], 0, 0);
  record_send(ctx, s);
}

static __always_inline __u32 class_of_ipv4(__u32 address) {
  __u32 ip = bpf_ntohl(address);

  if (ip >> 24 == 127) return BONGSU_ADDRESS_IPV4_LOOPBACK;
  if (ip >> 24 == 10 || ip >> 20 == (172 << 4 | 1) || ip >> 16 == (192 << 8 | 168)) return BONGSU_ADDRESS_IPV4_PRIVATE;
  return ip >> 16 == (169 << 8 | 254) ? BONGSU_ADDRESS_IPV4_LINK : BONGSU_ADDRESS_IPV4_OTHER;
}

static __always_inline __u32 class_of_ipv6(struct sock* sk) {
  __u64 words[2] = {};

  BPF_CORE_READ_INTO(&words, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
  return !words[0] && words[1] == bpf_cpu_to_be64(1) ? BONGSU_ADDRESS_IPV6_LOOPBACK : BONGSU_ADDRESS_IPV6_OTHER;
}

/* Of those lanes the ones that a connect keeps by what its socket shows. */
SHARED __u64 lanes_of_connect(__u64 lanes, int fd, long ret, __u32 abi) {
  struct bongsu_settings* set = my_settings();
  if (!set || !set->gated) return lanes;
  struct bongsu_gate* gate = gate_of(set->gates, BONGSU_EVENT_connect);
  if (!gate) return lanes;
  lanes &= gate->abi[abi & 7];
  struct sock* sk = sock_of_file(find_file(fd, true));
  /* What a failed connect asked for, or one that ended a connection, stands in the process's memory. */
  if (!lanes || !sk || !(ret == 0 || ret == -EINPROGRESS)) return lanes;
  __u32 family = BPF_CORE_READ(sk, __sk_common.skc_family);
  if (family == AF_UNIX)
    return BPF_CORE_READ((struct unix_sock*)sk, peer) ? lanes & gate->family[BONGSU_FAMILY_UNIX] : lanes;
  if (!is_inet(family)) return lanes & gate->family[BONGSU_FAMILY_OTHER];
  __u16 port = BPF_CORE_READ(sk, __sk_common.skc_dport);
  if (!port) return lanes;
  lanes &= gate->family[family == AF_INET ? BONGSU_FAMILY_INET : BONGSU_FAMILY_INET6];
  if (BPF_CORE_READ(sk, sk_type) != SOCK_RAW)
    lanes &= lanes_of_value(gate, BONGSU_EVENT_connect, BONGSU_TRAIT_PORT, bpf_ntohs(port));
  return lanes & gate->address[(family == AF_INET ? class_of_ipv4(BPF_CORE_READ(sk, __sk_common.skc_daddr))
                                                  : class_of_ipv6(sk)) &
                               (BONGSU_ADDRESS_LIMIT - 1)];
}

static __always_inline void tell_connect(void* ctx, struct socket_call* sc) {
  __u64 lanes = lanes_left_often(BONGSU_EVENT_connect, sc->c->ret);
  if (!lanes) return;
  if (!lanes_of_connect(lanes, sc->args[0], sc->c->ret, sc->c->abi)) {
    count_unmatched(BONGSU_EVENT_connect);
    return;
  }
  if (!take_share(BONGSU_EVENT_connect)) return;
  struct scratch* s = socket_record(sc, BONGSU_EVENT_connect, sizeof(struct bongsu_connect));
  if (!s) return;
  build_connect(s->slot, sc->args[0], sc->args[1], sc->args[2]);
  record_send(ctx, s);
}

/* A server asks until there is none left, or until a signal comes: that is no event. */
static __always_inline bool took_nothing(long ret) { return ret == -EAGAIN || is_interrupted(ret); }

static __always_inline void tell_accept(void* ctx, struct socket_call* sc) {
  long ret = sc->c->ret;
  if (took_nothing(ret) || !admitted(BONGSU_EVENT_accept, is_error(ret) ? ret : 0)) return;
  struct scratch* s = socket_record(sc, BONGSU_EVENT_accept, sizeof(struct bongsu_accept));
  if (!s) return;
  build_accept(s->slot, is_error(ret) ? -1 : ret, sc->args[0]);
  record_send(ctx, s);
}

SEC("tp_btf/sys_exit")
int sys_socket(__u64* ctx) {
  struct call c;
  struct socket_call sc;

  if (!call_begin(&c, ctx)) return 0;
  socket_call_begin(&sc, &c);
  switch (sc.what) {
    case BONGSU_CALL_socket:
      tell_socket(ctx, &sc);
      break;
    case BONGSU_CALL_bind:
      tell_bind(ctx, &sc);
      break;
    case BONGSU_CALL_listen:
      tell_listen(ctx, &sc);
      break;
    case BONGSU_CALL_connect:
      tell_connect(ctx, &sc);
      break;
    case BONGSU_CALL_accept:
    case BONGSU_CALL_accept4:
      tell_accept(ctx, &sc);
      break;
    default:
      tell_dns_call(ctx, &sc); /* of socketcall */
      break;
  }
  return 0;
}
