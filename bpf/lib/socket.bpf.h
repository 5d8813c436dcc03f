/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the kernel knows of a socket: its addresses are those that packets go by, whatever the process's memory says
 * now. And the arguments of calls on sockets, which 32-bit x86 also makes through socketcall.
 */
#pragma once

#include "lib/argument.bpf.h"

#include <bpf/bpf_endian.h>

/* include/linux/socket.h */
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_PACKET 17

/* include/linux/net.h */
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_TYPE_MASK 0xf

/* include/uapi/linux/in.h */
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

#define NETLINK_ROUTE 0 /* include/uapi/linux/netlink.h */

#define TCP_CLOSE 7 /* include/net/tcp_states.h */

#define S_IFMT 00170000 /* include/uapi/linux/stat.h */
#define S_IFSOCK 0140000

#define UNIX_PATH_MAX 108 /* include/uapi/linux/un.h */

#define NO_PORT (-1) /* not shown */

/* include/uapi/asm-generic/errno.h */
#define EAGAIN 11
#define EINPROGRESS 115

/* The socket behind an open file, or null. */
static __always_inline struct sock* sock_of_file(struct file* file) {
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket* socket = BPF_CORE_READ(file, private_data);
  return BPF_CORE_READ(socket, sk);
}

static __always_inline struct sock* sock_of(int fd) { return sock_of_file(file_of(fd)); }

static __always_inline bool is_inet(__u32 family) { return family == AF_INET || family == AF_INET6; }

/* Every program makes these; what they are used for is told by bind, connect and accept. */
static __always_inline bool is_ordinary_socket(__u32 family, __u32 type, __u32 protocol) {
  if (family == AF_UNIX) return true;
  if (family == AF_NETLINK) return protocol == NETLINK_ROUTE;
  return is_inet(family) && (type == SOCK_STREAM || type == SOCK_DGRAM);
}

/* An IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2) is told as what it is. */
static __always_inline void unmap_ip(struct bongsu_ip* ip) {
  const __u32* words = (const void*)ip->bytes;

  ip->family = AF_INET6;
  if (words[0] || words[1] || words[2] != bpf_htonl(0xffff)) return;
  __u32 ipv4 = words[3];
  __builtin_memset(ip->bytes, 0, sizeof(ip->bytes));
  __builtin_memcpy(ip->bytes, &ipv4, sizeof(ipv4));
  ip->family = AF_INET;
}

static __always_inline void fill_ipv4(struct bongsu_ip* ip, __u32 address) {
  ip->family = AF_INET;
  __builtin_memcpy(ip->bytes, &address, sizeof(address));
}

/* Of an Internet socket only. A raw socket has no ports: the kernel keeps its protocol in their place. */
static __always_inline void fill_own(struct bongsu_ip* ip, __s64* port, struct sock* sk) {
  if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET) {
    fill_ipv4(ip, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
  } else {
    BPF_CORE_READ_INTO(&ip->bytes, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
    unmap_ip(ip);
  }
  if (BPF_CORE_READ(sk, sk_type) != SOCK_RAW) *port = BPF_CORE_READ(sk, __sk_common.skc_num);
}

static __always_inline void fill_peer(struct bongsu_ip* ip, __s64* port, struct sock* sk) {
  if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET) {
    fill_ipv4(ip, BPF_CORE_READ(sk, __sk_common.skc_daddr));
  } else {
    BPF_CORE_READ_INTO(&ip->bytes, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
    unmap_ip(ip);
  }
  if (BPF_CORE_READ(sk, sk_type) != SOCK_RAW) *port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

/* struct sockaddr_in, sockaddr_in6 and sockaddr_un (include/uapi/linux) as far as all of them are needed. */
struct address {
  union {
    __u16 family;
    struct {
      __u16 family4;
      __be16 port4;
      __u32 ip4;
    };
    struct {
      __u16 family6;
      __be16 port6;
      __u32 flow;
      __u8 ip6[16];
    };
  };
  __u32 length; /* of what there is */
};
#define ADDRESS_BYTES 24 /* of the union */
#define IPV4_BYTES 8     /* family, port and address */

static __always_inline void read_user_address(struct address* a, __u64 user, __u64 length) {
  __builtin_memset(a, 0, sizeof(*a));
  if (!user || length > 128 /* _K_SS_MAXSIZE of include/uapi/linux/socket.h */) return;
  a->length = length;
  if (length > ADDRESS_BYTES) length = ADDRESS_BYTES;
  barrier_var(length); /* or the compiler drops the mask, which is all that the verifier goes by */
  if (bpf_probe_read_user(a, length & 31, (void*)user)) a->length = 0;
}

static __always_inline bool fill_address(struct bongsu_ip* ip, __s64* port, const struct address* a) {
  if (a->family == AF_INET && a->length >= IPV4_BYTES) {
    fill_ipv4(ip, a->ip4);
  } else if (a->family == AF_INET6 && a->length >= ADDRESS_BYTES) {
    __builtin_memcpy(ip->bytes, a->ip6, sizeof(ip->bytes));
    unmap_ip(ip);
  } else {
    return false;
  }
  *port = bpf_ntohs(a->port4); /* both have it at the same place */
  return true;
}

/*
 * Appends a Unix socket's name: a path ends with its NUL, an abstract name is as long as it says and its NUL in front
 * is shown as @ (unix(7)). `path` points behind the family, `length` counts without it.
 */
SHARED __u64 build_unix_name(__u32 slot, __u64 path, __u64 length, int of_user) {
  struct scratch* s = scratch_of(slot);
  __u32 off;
  if (!s || !path || !length) return 0;
  barrier_var(length); /* see build_user_string() */
  if (length > UNIX_PATH_MAX) return 0;
  char* tail = record_tail(s, UNIX_PATH_MAX + 1, &off);
  if (!tail) return 0;
  long error =
      of_user ? bpf_probe_read_user(tail, length, (void*)path) : bpf_probe_read_kernel(tail, length, (void*)path);
  if (error) return 0;
  if (of_user) mark_untrusted(s);
  __u64 used = length;
  if (tail[0]) {
    /* The kernel's copy ends with one NUL, the process's may end anywhere. */
    tail[length & 127] = 0;
    long n = of_user ? bpf_probe_read_user_str(tail, length + 1, (void*)path)
                     : bpf_probe_read_kernel_str(tail, length + 1, (void*)path);
    if (n < 1) return 0;
    used = n - 1;
    if (used > length) used = length;
  } else {
    tail[0] = '@';
  }
  s->used = off + used;
  return off | used << 16;
}

static __always_inline void append_unix_name(struct scratch* s, struct bongsu_str* str, __u64 path, __u64 length,
                                             int of_user) {
  __u64 built = build_unix_name(s->slot, path, length, of_user);
  str->off = built;
  str->len = built >> 16;
}

static __always_inline void append_unix_address(struct scratch* s, struct bongsu_str* str, struct sock* sk) {
  struct unix_sock* unix = (void*)sk;
  struct unix_address* address = BPF_CORE_READ(unix, addr);
  if (!sk || !address) return;
  __u64 length = BPF_CORE_READ(address, len);
  __u64 name = (__u64)address + bpf_core_field_offset(struct unix_address, name);
  append_unix_name(s, str, name + sizeof(__u16), length - sizeof(__u16), 0);
}

/* The address that a call asked for, where the kernel's socket does not tell it. */
static __always_inline void append_asked(struct scratch* s, struct bongsu_ip* ip, __s64* port, struct bongsu_str* path,
                                         __u64 user, __u64 length) {
  struct address a;

  read_user_address(&a, user, length);
  if (fill_address(ip, port, &a))
    mark_untrusted(s);
  else if (a.length > sizeof(a.family) && a.family == AF_UNIX)
    append_unix_name(s, path, user + sizeof(a.family), length - sizeof(a.family), 1);
}

/* A call on a socket, with its arguments wherever they are. */
struct socket_call {
  struct call* c;
  __u32 what; /* enum bongsu_call: of socketcall, the call it stands for */
  __u32 copied;
  __u64 args[6];
};

/* include/uapi/linux/net.h, SYS_*, from 1 */
static __always_inline __u32 call_in_socketcall(__u32 number) {
  switch (number) {
    case 1:
      return BONGSU_CALL_socket;
    case 2:
      return BONGSU_CALL_bind;
    case 3:
      return BONGSU_CALL_connect;
    case 4:
      return BONGSU_CALL_listen;
    case 5:
      return BONGSU_CALL_accept;
    case 9:
      return BONGSU_CALL_send;
    case 10:
      return BONGSU_CALL_recv;
    case 11:
      return BONGSU_CALL_sendto;
    case 12:
      return BONGSU_CALL_recvfrom;
    case 16:
      return BONGSU_CALL_sendmsg;
    case 17:
      return BONGSU_CALL_recvmsg;
    case 18:
      return BONGSU_CALL_accept4;
    case 19:
      return BONGSU_CALL_recvmmsg;
    case 20:
      return BONGSU_CALL_sendmmsg;
    default:
      return BONGSU_CALL_NONE;
  }
}

static __always_inline void socket_call_begin(struct socket_call* sc, struct call* c) {
  sc->c = c;
  sc->what = c->call;
  sc->copied = 0;
  if (c->call != BONGSU_CALL_socketcall) {
    sc->args[0] = call_arg(c, 0);
    sc->args[1] = call_arg(c, 1);
    sc->args[2] = call_arg(c, 2);
    sc->args[3] = call_arg(c, 3);
    sc->args[4] = call_arg(c, 4);
    sc->args[5] = call_arg(c, 5);
    return;
  }
  __u32 args[6] = {};
  sc->what = call_in_socketcall(call_arg(c, 0));
  sc->copied = 1;
  if (bpf_probe_read_user(args, sizeof(args),
                          (void*)call_arg(c, 1))) { /* as many as the call has may be all there are */
    bpf_probe_read_user(args, 3 * sizeof(args[0]), (void*)call_arg(c, 1));
  }
#pragma unroll
  for (int i = 0; i < 6; i++) sc->args[i] = args[i];
}

static __always_inline struct scratch* socket_record(const struct socket_call* sc, __u32 type, const __u32 fixed) {
  struct scratch* s = call_record(sc->c, type, fixed);
  if (s && sc->copied) mark_untrusted(s);
  return s;
}
