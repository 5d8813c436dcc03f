/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * DNS messages in what a process sends to or receives from port 53. Here only the message is copied; user space reads
 * it (src/events/dns.h). It comes from the process's memory at the call's return, so every such record is untrusted.
 *
 * A handler of calls that move bytes calls tell_dns(), one of socket calls tell_dns_call().
 */
#pragma once

#include "lib/filter.bpf.h"
#include "lib/socket.bpf.h"

#define DNS_PORT 53         /* RFC 1035, 4.2 */
#define DNS_HEADER_BYTES 12 /* RFC 1035, 4.1.1 */
#define DNS_BYTES 512       /* of a message: all that UDP carries without extensions (RFC 1035, 4.2.1) */
#define DNS_MESSAGES 4      /* of one call */
#define DNS_PIECES 4        /* of one message: libraries send a length, a header and a body at most */

enum dns_direction { DNS_QUERY = 1, DNS_ANSWER = 2 };

/* Pointers in structs of memory are 32 bits wide: of x32 too. */
static __always_inline bool has_small_pointers(__u32 abi) { return is_narrow(abi) || abi == BONGSU_ABI_X32; }

/* One message of a call. */
struct dns_message {
  __u64 name; /* struct sockaddr of the other end, or 0 */
  __u64 name_length;
  __u64 pieces; /* struct iovec[], or the message itself where count is 0 */
  __u64 count;
  __u64 length; /* of all pieces */
};

/* The first fields of struct user_msghdr and compat_msghdr (include/linux/socket.h, include/net/compat.h) */
static __always_inline bool read_header(struct dns_message* m, __u64 user, bool small) {
  if (small) {
    __u32 words[4] = {};
    if (bpf_probe_read_user(words, sizeof(words), (void*)user)) return false;
    m->name = words[0];
    m->name_length = words[1];
    m->pieces = words[2];
    m->count = words[3];
  } else {
    __u64 words[4] = {};
    if (bpf_probe_read_user(words, sizeof(words), (void*)user)) return false;
    m->name = words[0];
    m->name_length = (__u32)words[1];
    m->pieces = words[2];
    m->count = words[3];
  }
  return m->count != 0;
}

/* Appends at most `room` bytes of one piece; the result is how many. */
SHARED __u64 append_piece(__u32 slot, __u64 user, __u64 length, __u64 room) {
  struct scratch* s = scratch_of(slot);
  __u32 off;
  if (!s) return 0;
  void* tail = record_tail(s, DNS_BYTES, &off);
  if (length > room) length = room;
  if (length > DNS_BYTES) length = DNS_BYTES;
  if (!tail || !length || bpf_probe_read_user(tail, length, (void*)user)) return 0;
  s->used = off + length;
  return length;
}

SHARED __u64 append_message(__u32 slot, __u64 pieces, __u64 count, __u64 length, int small) {
  __u64 used = 0;

  if (length > DNS_BYTES) length = DNS_BYTES;
  if (!count) return append_piece(slot, pieces, length, length);
  for (__u64 i = 0; i < DNS_PIECES; i++) {
    __u64 piece[2] = {};
    if (i >= count || used >= length) break;
    if (small) {
      __u32 words[2] = {};
      bpf_probe_read_user(words, sizeof(words), (void*)(pieces + i * sizeof(words)));
      piece[0] = words[0];
      piece[1] = words[1];
    } else {
      bpf_probe_read_user(piece, sizeof(piece), (void*)(pieces + i * sizeof(piece)));
    }
    used += append_piece(slot, piece[0], piece[1], length - used);
  }
  return used;
}

/* Whether it may be a message: one question, an ordinary one (RFC 1035, 4.1.1). In a stream not every read begins one.
 */
static __always_inline bool begins_message(const __u8* at) { return !(at[2] & 0x78) && at[4] == 0 && at[5] == 1; }

/*
 * Fills the record with the other end and the message. Says 1 when it is worth sending: the other end is a name server,
 * the message could be read.
 */
SHARED int build_dns(__u32 slot, __u64 socket, __u64 name, __u64 name_length) {
  struct scratch* s = scratch_of(slot);
  if (!s) return 0;
  struct bongsu_dns* r = (void*)s->record;
  struct sock* sk = (void*)socket;
  struct address a;

  r->transport = BPF_CORE_READ(sk, sk_protocol);
  read_user_address(&a, name, name_length);
  if (!fill_address(&r->server, &r->server_port, &a)) fill_peer(&r->server, &r->server_port, sk);
  mark_untrusted(s);
  return 0;
}

/* The port of the other end in network byte order; it costs little, and most sockets end here. */
static __always_inline __be16 port_of_peer(struct sock* sk, __u64 name, __u64 name_length) {
  __be16 words[2] = {};

  if (name && name_length >= IPV4_BYTES && !bpf_probe_read_user(words, sizeof(words), (void*)name) && is_inet(words[0]))
    return words[1];
  return BPF_CORE_READ(sk, __sk_common.skc_dport);
}

/* Null unless it is a socket that can carry DNS. */
static __always_inline struct sock* dns_socket(int fd) {
  struct sock* sk = sock_of(fd);

  if (!sk || !is_inet(BPF_CORE_READ(sk, __sk_common.skc_family))) return 0;
  __u32 protocol = BPF_CORE_READ(sk, sk_protocol);
  return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP ? sk : 0;
}

struct dns_place {
  struct call* c;
  struct sock* sk;
  int fd;
  __u32 direction;
};

static __noinline int tell_message(void* ctx, const struct dns_place* p, const struct dns_message* m) {
  struct sock* sk = p->sk;

  if (m->length < DNS_HEADER_BYTES || port_of_peer(sk, m->name, m->name_length) != bpf_htons(DNS_PORT)) return 0;
  if (!admitted(BONGSU_EVENT_dns, p->c->ret)) return 0;
  struct scratch* s = call_record(p->c, BONGSU_EVENT_dns, sizeof(struct bongsu_dns));
  if (!s) return 0;
  struct bongsu_dns* r = (void*)s->record;
  r->fd = p->fd;
  r->direction = p->direction;
  build_dns(s->slot, (__u64)sk, m->name, m->name_length);
  __u64 off = s->used;
  __u64 used = append_message(s->slot, m->pieces, m->count, m->length, has_small_pointers(p->c->abi));
  r->message.off = off;
  r->message.len = used;
  if (used < DNS_HEADER_BYTES) {
    s->owner = 0; /* nothing to tell */
    return 0;
  }
  record_send(ctx, s);
  return 0;
}

/* sendmmsg, recvmmsg: struct mmsghdr (include/linux/socket.h) is a header and the length that went through. */
static __always_inline void tell_messages(void* ctx, const struct dns_place* p, __u64 user) {
  bool small = has_small_pointers(p->c->abi);
  __u64 size = small ? 32 : 64;
  __u64 length_at = small ? 28 : 56;

  for (int i = 0; i < DNS_MESSAGES; i++) {
    struct dns_message m = {};
    __u32 length = 0;
    if (i >= p->c->ret || !read_header(&m, user, small)) break;
    bpf_probe_read_user(&length, sizeof(length), (void*)(user + length_at));
    m.length = length;
    tell_message(ctx, p, &m);
    user += size;
  }
}

static __always_inline bool begin_dns(struct dns_place* p, struct call* c, int fd, bool sending) {
  struct bongsu_settings* set = my_settings();

  if (!set || !is_wanted(set, BONGSU_EVENT_dns)) return false;
  /* A question that could not be sent was asked all the same; of what did not come there is nothing to tell. */
  if (c->ret == 0 || (is_error(c->ret) && (!sending || c->ret == -EAGAIN || is_interrupted(c->ret)))) return false;
  p->c = c;
  p->fd = fd;
  p->direction = sending ? DNS_QUERY : DNS_ANSWER;
  p->sk = dns_socket(fd);
  return p->sk;
}

/* How much of the message there is: of a failed send all that the process has. */
static __always_inline __u64 length_moved(const struct call* c, __u64 asked) {
  return is_error(c->ret) ? asked : c->ret;
}

/* read, readv, write, writev; `vector`: the buffer is an array of struct iovec with `count` entries, else of bytes. */
static __always_inline void tell_dns(void* ctx, struct call* c, bool sending, bool vector) {
  struct dns_place p;
  struct dns_message m = {};

  if (!begin_dns(&p, c, call_arg(c, 0), sending)) return;
  m.pieces = call_arg(c, 1);
  if (vector) m.count = call_arg(c, 2);
  m.length = length_moved(c, vector ? DNS_BYTES : call_arg(c, 2));
  tell_message(ctx, &p, &m);
}

/* recvfrom returns the sender's address through a pointer to its length. */
static __always_inline __u64 length_at(__u64 user) {
  __u32 length = 0;
  bpf_probe_read_user(&length, sizeof(length), (void*)user);
  return length;
}

static __always_inline void tell_dns_call(void* ctx, struct socket_call* sc) {
  bool sending = false;
  struct dns_place p;
  struct dns_message m = {};

  switch (sc->what) {
    case BONGSU_CALL_send:
    case BONGSU_CALL_sendto:
    case BONGSU_CALL_sendmsg:
    case BONGSU_CALL_sendmmsg:
      sending = true;
      break;
    case BONGSU_CALL_recv:
    case BONGSU_CALL_recvfrom:
    case BONGSU_CALL_recvmsg:
    case BONGSU_CALL_recvmmsg:
    case BONGSU_CALL_recvmmsg_time64:
      break;
    default:
      return;
  }
  if (!begin_dns(&p, sc->c, sc->args[0], sending)) return;
  switch (sc->what) {
    case BONGSU_CALL_sendmmsg:
    case BONGSU_CALL_recvmmsg:
    case BONGSU_CALL_recvmmsg_time64:
      if (!is_error(sc->c->ret)) tell_messages(ctx, &p, sc->args[1]);
      return;
    case BONGSU_CALL_sendmsg:
    case BONGSU_CALL_recvmsg:
      if (!read_header(&m, sc->args[1], has_small_pointers(sc->c->abi))) return;
      m.length = length_moved(sc->c, DNS_BYTES);
      break;
    default:
      m.pieces = sc->args[1];
      m.length = length_moved(sc->c, sc->args[2]);
      if (sc->what == BONGSU_CALL_sendto) {
        m.name = sc->args[4];
        m.name_length = sc->args[5];
      } else if (sc->what == BONGSU_CALL_recvfrom) {
        m.name = sc->args[4];
        m.name_length = m.name ? length_at(sc->args[5]) : 0;
      }
      break;
  }
  tell_message(ctx, &p, &m);
}
