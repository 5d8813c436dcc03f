// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lib/argument.bpf.h"
#include "lib/filter.bpf.h"
#include "lib/ids.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NSFS_MAGIC 0x6e736673 /* include/uapi/linux/magic.h */

/* include/uapi/linux/sched.h: CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET} */
#define NAMESPACE_TYPES \
  (0x00000080 | 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000)

/* bongsu_keyctl.operation: numbers of ours, far above the kernel's */
#define OUR_ADD_KEY 0x10000
#define OUR_REQUEST_KEY 0x10001

static __always_inline const struct cred* my_cred(void) {
  struct task_struct* task = (void*)bpf_get_current_task();
  return BPF_CORE_READ(task, cred);
}

static __always_inline void tell_setuid(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_setuid, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_setuid, sizeof(struct bongsu_setuid));
  if (!s) return;
  struct bongsu_setuid* r = (void*)s->record;
  const struct cred* cred = my_cred();
  r->requested = requested_id(c);
  r->effective = BPF_CORE_READ(cred, euid.val);
  r->saved = BPF_CORE_READ(cred, suid.val);
  record_send(ctx, s);
}

/* Of setgroups the first of the kernel's list, which is sorted; of one that failed the first of the caller's. */
static __always_inline __s64 requested_group(const struct call* c, struct group_info* groups, struct scratch* s) {
  __u32 id = 0;

  if (!is_error(c->ret)) {
    if (BPF_CORE_READ(groups, ngroups) == 0) return NO_ID;
    bpf_probe_read_kernel(&id, sizeof(id), (void*)groups + bpf_core_field_offset(struct group_info, gid));
    return id;
  }
  if (call_arg(c, 0) == 0) return NO_ID;
  mark_untrusted(s);
  __u32 size = has_short_ids(c) ? 2 : 4;
  if (bpf_probe_read_user(&id, size, (void*)call_arg(c, 1))) {
    count_fault(s->type, BONGSU_FAULT_USER);
    return NO_ID;
  }
  return id;
}

static __always_inline void tell_setgid(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_setgid, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_setgid, sizeof(struct bongsu_setgid));
  if (!s) return;
  struct bongsu_setgid* r = (void*)s->record;
  const struct cred* cred = my_cred();
  struct group_info* groups = BPF_CORE_READ(cred, group_info);
  if (c->call == BONGSU_CALL_setgroups || c->call == BONGSU_CALL_setgroups32)
    r->requested = requested_group(c, groups, s);
  else
    r->requested = requested_id(c);
  r->effective = BPF_CORE_READ(cred, egid.val);
  r->saved = BPF_CORE_READ(cred, sgid.val);
  r->groups = BPF_CORE_READ(groups, ngroups);
  record_send(ctx, s);
}

#define CAPABILITY_VERSION_1 0x19980330 /* include/uapi/linux/capability.h, _LINUX_CAPABILITY_VERSION_1: 32 bits */

/* struct __user_cap_data_struct of include/uapi/linux/capability.h, the second for the upper 32 bits */
struct capability_data {
  __u32 effective, permitted, inheritable;
};

static __always_inline void read_capabilities(struct bongsu_capset* r, const struct call* c, struct scratch* s) {
  struct capability_data data[2] = {};
  __u32 version = 0;

  mark_untrusted(s);
  long failed = bpf_probe_read_user(&version, sizeof(version), (void*)call_arg(c, 0));
  failed |= bpf_probe_read_user(&data[0], sizeof(data[0]), (void*)call_arg(c, 1));
  if (version != CAPABILITY_VERSION_1)
    failed |= bpf_probe_read_user(&data[1], sizeof(data[1]), (void*)(call_arg(c, 1) + sizeof(data[0])));
  if (failed) count_fault(s->type, BONGSU_FAULT_USER);
  r->effective = data[0].effective | (__u64)data[1].effective << 32;
  r->permitted = data[0].permitted | (__u64)data[1].permitted << 32;
  r->inheritable = data[0].inheritable | (__u64)data[1].inheritable << 32;
}

static __always_inline void tell_capset(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_capset, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_capset, sizeof(struct bongsu_capset));
  if (!s) return;
  struct bongsu_capset* r = (void*)s->record;
  if (is_error(c->ret)) {
    read_capabilities(r, c, s);
  } else {
    const struct cred* cred = my_cred();
    /* The whole members, not .val: before 6.3 it is u32[2]. */
    BPF_CORE_READ_INTO(&r->effective, cred, cap_effective);
    BPF_CORE_READ_INTO(&r->permitted, cred, cap_permitted);
    BPF_CORE_READ_INTO(&r->inheritable, cred, cap_inheritable);
  }
  record_send(ctx, s);
}

/* The kind of namespace that a file of nsfs (/proc/PID/ns) stands for; 0 of any other file. */
static __always_inline __u32 namespace_type(struct file* file) {
  struct inode* inode = BPF_CORE_READ(file, f_inode);

  if (BPF_CORE_READ(inode, i_sb, s_magic) != NSFS_MAGIC) return 0;
  struct ns_common* ns = BPF_CORE_READ(inode, i_private);
  if (bpf_core_field_exists(ns->ns_type)) return BPF_CORE_READ(ns, ns_type);
  return BPF_CORE_READ(ns, ops, type);
}

static __always_inline void tell_setns(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_setns, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_setns, sizeof(struct bongsu_setns));
  if (!s) return;
  struct bongsu_setns* r = (void*)s->record;
  r->fd = call_arg(c, 0);
  r->types = (__u32)call_arg(c, 1);
  if (!r->types) r->types = namespace_type(file_of(r->fd)); /* the caller takes what it gets */
  r->types &= NAMESPACE_TYPES;
  record_send(ctx, s);
}

/* Without a new namespace it only stops sharing with the caller's own threads. */
static __always_inline void tell_unshare(__u64* ctx, const struct call* c) {
  __u64 types = call_arg(c, 0) & NAMESPACE_TYPES;

  if (!types || !admitted(BONGSU_EVENT_unshare, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_unshare, sizeof(struct bongsu_unshare));
  if (!s) return;
  ((struct bongsu_unshare*)s->record)->types = types;
  record_send(ctx, s);
}

static __always_inline void tell_keyctl(__u64* ctx, const struct call* c) {
  if (!admitted(BONGSU_EVENT_keyctl, error_of(c))) return;
  struct scratch* s = call_record(c, BONGSU_EVENT_keyctl, sizeof(struct bongsu_keyctl));
  if (!s) return;
  ((struct bongsu_keyctl*)s->record)->operation = c->call == BONGSU_CALL_add_key       ? OUR_ADD_KEY
                                                  : c->call == BONGSU_CALL_request_key ? OUR_REQUEST_KEY
                                                                                       : call_arg(c, 0);
  record_send(ctx, s);
}

SEC("tp_btf/sys_exit")
int sys_privilege(__u64* ctx) {
  struct call c;

  if (!call_begin(&c, ctx)) return 0;
  switch (c.call) {
    case BONGSU_CALL_capset:
      tell_capset(ctx, &c);
      break;
    case BONGSU_CALL_setns:
      tell_setns(ctx, &c);
      break;
    case BONGSU_CALL_unshare:
      tell_unshare(ctx, &c);
      break;
    case BONGSU_CALL_add_key:
    case BONGSU_CALL_request_key:
    case BONGSU_CALL_keyctl:
      tell_keyctl(ctx, &c);
      break;
    default: /* the ids' calls: see lib/ids.bpf.h */
      if (is_user_call(&c))
        tell_setuid(ctx, &c);
      else
        tell_setgid(ctx, &c);
  }
  return 0;
}
