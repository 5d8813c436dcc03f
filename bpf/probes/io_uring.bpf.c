// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/filter.bpf.h"
#include "lib/request.bpf.h"
#include "lib/socket.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/uapi/linux/io_uring.h, enum io_uring_op: the operations that would be told as system calls */
enum operation {
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
#define OPERATIONS                                                                                              \
  (1ULL << OP_ACCEPT | 1ULL << OP_CONNECT | 1ULL << OP_OPENAT | 1ULL << OP_OPENAT2 | 1ULL << OP_RENAMEAT |      \
   1ULL << OP_UNLINKAT | 1ULL << OP_MKDIRAT | 1ULL << OP_SYMLINKAT | 1ULL << OP_LINKAT | 1ULL << OP_FSETXATTR | \
   1ULL << OP_SETXATTR | 1ULL << OP_SOCKET | 1ULL << OP_FTRUNCATE | 1ULL << OP_BIND | 1ULL << OP_LISTEN)

#define PF_IO_WORKER 0x00000010 /* include/linux/sched.h */

/* The descriptor that the operation is on; -1 where the kernel does not keep it (before 5.19). */
static __always_inline int fd_of(struct io_kiocb* request) {
  return bpf_core_field_exists(request->cqe.fd) ? BPF_CORE_READ(request, cqe.fd) : -1;
}

/* Its file: the request has it from the start, or finds it later by the descriptor. */
static __always_inline struct file* file_of_request(struct io_kiocb* request) {
  struct file* file = BPF_CORE_READ(request, file);
  return file ? file : file_of(fd_of(request));
}

static __always_inline bool read_kernel_address(struct address* a, __u64 from, __u32 length) {
  if (bpf_probe_read_kernel(a, ADDRESS_BYTES, (void*)from)) return false;
  a->length = length;
  return a->family == AF_UNIX || is_inet(a->family);
}

static __always_inline bool same_address(const struct address* a, const struct address* b) {
  const __u64* x = (const void*)a;
  const __u64* y = (const void*)b;
  return x[0] == y[0] && (a->family != AF_INET6 || (x[1] == y[1] && x[2] == y[2]));
}

/*
 * connect and bind: the address and, of a Unix socket, the path. The kernel has no copy of a connect's address before
 * 6.9 (it waits until it must); later it is in a struct io_async_msghdr, and since 2026, in the stable versions too,
 * all that async_data holds. No type tells the two apart; but what else would lie at the beginning is an aligned
 * pointer, which is no family. Where the process's memory differs, the record says that it cannot be relied on.
 */
SHARED int build_address(__u32 slot, __u64 of, int own) {
  struct scratch* s = scratch_of(slot);
  struct io_kiocb* request = (void*)of;
  struct io_connect* connect = (void*)request;
  struct io_async_msghdr* message = 0;
  struct address a = {};
  struct address given;
  if (!s) return 0;
  struct bongsu_io_uring* r = (void*)s->record;
  __u64 length = own ? NUMBER_OF(io_bind, addr_len, request) : NUMBER_OF(io_connect, addr_len, request);
  __u64 from = (__u64)BPF_CORE_READ(request, async_data);
  __u64 user = own ? 0 : (__u64)BPF_CORE_READ(connect, addr);
  bool found = from && read_kernel_address(&a, from, length);

  if (from && !found && bpf_core_field_exists(message->addr)) {
    from += bpf_core_field_offset(message->addr);
    found = read_kernel_address(&a, from, length);
  }
  if (!own) {
    read_user_address(&given, user, length);
    if (!found) a = given;
    if (!found || !same_address(&a, &given)) mark_untrusted(s);
  } else if (!found) {
    return 0;
  }
  r->family = a.family;
  if (a.family == AF_UNIX)
    append_unix_name(s, &r->socket_path, (found ? from : user) + sizeof(a.family), length - sizeof(a.family), !found);
  else if (own)
    fill_address(&r->source, &r->source_port, &a);
  else
    fill_address(&r->destination, &r->destination_port, &a);
  return 0;
}

SHARED int build_pair(__u32 slot, __u64 of, int operation) {
  struct scratch* s = scratch_of(slot);
  void* request = (void*)of;
  if (!s) return 0;
  struct bongsu_io_uring* r = (void*)s->record;
  struct filename* old = 0;
  struct filename* new = 0;
  int old_at = 0;
  int new_at = 0;

  if (operation == OP_SYMLINKAT) { /* the link, then what it holds */
    if (bpf_core_type_exists(struct io_link)) {
      new = NAME_OF(io_link, newpath, request);
      old = NAME_OF(io_link, oldpath, request);
      new_at = NUMBER_OF(io_link, new_dfd, request);
    } else {
      new = NAME_OF(io_symlink, newpath, request);
      old = NAME_OF(io_symlink, oldpath, request);
      new_at = NUMBER_OF(io_symlink, new_dfd, request);
    }
    append_name(s, &r->path, new, new_at, 1);
    append_name(s, &r->target, old, 0, 0);
    return 0;
  }
  if (operation == OP_RENAMEAT) {
    old = NAME_OF(io_rename, oldpath, request);
    new = NAME_OF(io_rename, newpath, request);
    old_at = NUMBER_OF(io_rename, old_dfd, request);
    new_at = NUMBER_OF(io_rename, new_dfd, request);
  } else if (bpf_core_type_exists(struct io_link)) {
    old = NAME_OF(io_link, oldpath, request);
    new = NAME_OF(io_link, newpath, request);
    old_at = NUMBER_OF(io_link, old_dfd, request);
    new_at = NUMBER_OF(io_link, new_dfd, request);
  } else {
    struct io_hardlink* hard = request;
    if (bpf_core_type_exists(struct io_hardlink)) {
      old = BPF_CORE_READ(hard, oldpath);
      new = BPF_CORE_READ(hard, newpath);
      old_at = BPF_CORE_READ(hard, old_dfd);
      new_at = BPF_CORE_READ(hard, new_dfd);
    }
  }
  append_name(s, &r->path, old, old_at, 1);
  append_name(s, &r->target, new, new_at, 1);
  return 0;
}

SHARED int build_single(__u32 slot, __u64 of, int operation) {
  struct scratch* s = scratch_of(slot);
  void* request = (void*)of;
  if (!s) return 0;
  struct bongsu_io_uring* r = (void*)s->record;
  struct filename* name = 0;
  int at = AT_FDCWD;

  switch (operation) {
    case OP_OPENAT:
    case OP_OPENAT2:
      name = NAME_OF(io_open, filename, request);
      at = NUMBER_OF(io_open, dfd, request);
      break;
    case OP_UNLINKAT:
      name = NAME_OF(io_unlink, filename, request);
      at = NUMBER_OF(io_unlink, dfd, request);
      break;
    case OP_MKDIRAT:
      name = NAME_OF(io_mkdir, filename, request);
      at = NUMBER_OF(io_mkdir, dfd, request);
      break;
    default:
      name = NAME_OF(io_xattr, filename, request);
      break;
  }
  append_name(s, &r->path, name, at, 1);
  return 0;
}

static __always_inline void fill_socket_request(struct bongsu_io_uring* r, struct io_kiocb* request) {
  r->family = NUMBER_OF(io_socket, domain, request);
  r->type = NUMBER_OF(io_socket, type, request) & SOCK_TYPE_MASK;
}

static __always_inline bool is_of_interest(__u32 operation, struct io_kiocb* request) {
  if (operation >= 64 || !(OPERATIONS >> operation & 1)) return false;
  return operation != OP_SOCKET || !is_ordinary_socket(NUMBER_OF(io_socket, domain, request),
                                                       NUMBER_OF(io_socket, type, request) & SOCK_TYPE_MASK,
                                                       NUMBER_OF(io_socket, protocol, request));
}

static __always_inline void fill_operation(struct scratch* s, struct io_kiocb* request, __u32 operation) {
  struct bongsu_io_uring* r = (void*)s->record;

  switch (operation) {
    case OP_SOCKET:
      fill_socket_request(r, request);
      break;
    case OP_CONNECT:
    case OP_BIND:
      r->fd = fd_of(request);
      build_address(s->slot, (__u64)request, operation == OP_BIND);
      break;
    case OP_ACCEPT:
    case OP_LISTEN:
      r->fd = fd_of(request);
      break;
    case OP_FSETXATTR:
    case OP_FTRUNCATE:
      r->fd = fd_of(request);
      append_file(s, &r->path, file_of_request(request));
      break;
    case OP_RENAMEAT:
    case OP_LINKAT:
    case OP_SYMLINKAT:
      build_pair(s->slot, (__u64)request, operation);
      break;
    default:
      build_single(s->slot, (__u64)request, operation);
      break;
  }
}

/* A ring's own polling thread submits in the process's name: the process is told, as its first thread. */
static __always_inline struct task_struct* submitter(void) {
  struct task_struct* task = (void*)bpf_get_current_task();
  return BPF_CORE_READ(task, flags) & PF_IO_WORKER ? BPF_CORE_READ(task, group_leader) : task;
}

static __always_inline int tell(void* ctx, struct io_kiocb* request) {
  __u32 operation = BPF_CORE_READ(request, opcode);

  if (!is_of_interest(operation, request) || !admitted(BONGSU_EVENT_io_uring, 0)) return 0;
  struct scratch* s = record_begin(BONGSU_EVENT_io_uring, sizeof(struct bongsu_io_uring));
  if (!s) return 0;
  struct bongsu_io_uring* r = (void*)s->record;
  r->header.abi = BONGSU_ABI_IO_URING;
  r->operation = operation;
  r->fd = -1;
  r->source_port = NO_PORT;
  r->destination_port = NO_PORT;
  fill_task(s, submitter());
  fill_operation(s, request, operation);
  record_send(ctx, s);
  return 0;
}

SEC("tp_btf/io_uring_submit_req")
int on_io_uring_submit(__u64* ctx) { return tell(ctx, (void*)number_of((void*)ctx[0])); }

/* Before 6.0 the ring comes first; io_cmd_data came in the same version. */
SEC("?tp_btf/io_uring_submit_sqe")
int on_io_uring_submit_sqe(__u64* ctx) {
  __u64 request;

  if (bpf_core_type_exists(struct io_cmd_data))
    request = number_of((void*)ctx[0]);
  else
    request = number_of((void*)ctx[1]);
  return tell(ctx, (void*)request);
}
