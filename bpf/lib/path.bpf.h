/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Absolute paths from (mount, dentry), without bpf_d_path(), which tracepoint programs may not call. The walk ends at
 * the root of the mount namespace, not at the task's own root: chroot does not change what is told.
 */
#pragma once

#include "lib/record.bpf.h"

#define PATH_COMPONENTS 96 /* mounts crossed included; deeper paths are cut at the front and counted */
#define NAME_MASK 0xff     /* NAME_MAX of linux/limits.h is 255 */
#define PATH_CUT 0x10000   /* beside an offset: the front is missing */

/*
 * Writes the path so that it ends at s->path + PATH_MARK + PATH_END. Returns where it begins, with PATH_CUT when its
 * front is missing. A dentry without a parent that is no mount's root (memfd, pipe) gives its bare name.
 *
 * All offsets are u64 and masked where they are used: the verifier then has one state per turn of the loop.
 */
static __always_inline __u64 walk_path(struct scratch* s, struct vfsmount* vfsmount, struct dentry* dentry) {
  struct mount* mount = (void*)vfsmount - bpf_core_field_offset(struct mount, mnt);
  struct dentry* root = BPF_CORE_READ(mount, mnt.mnt_root);
  __u64 begin = PATH_END;

  for (int i = 0; i < PATH_COMPONENTS; i++) {
    if (dentry == root) {
      struct mount* above = BPF_CORE_READ(mount, mnt_parent);
      if (above == mount) {
        if (begin == PATH_END) s->path[PATH_MARK + --begin] = '/';
        return begin;
      }
      dentry = BPF_CORE_READ(mount, mnt_mountpoint);
      mount = above;
      root = BPF_CORE_READ(mount, mnt.mnt_root);
      continue;
    }
    struct dentry* parent = BPF_CORE_READ(dentry, d_parent);
    const unsigned char* name = BPF_CORE_READ(dentry, d_name.name);
    __u64 len = BPF_CORE_READ(dentry, d_name.len) & NAME_MASK;
    if (begin <= len) return begin | PATH_CUT;
    begin = (begin - len) & PATH_END;
    bpf_probe_read_kernel(s->path + PATH_MARK + begin, len, name);
    if (parent == dentry) {
      /* "/" is no name: a file opened by its handle, whose place in the tree the kernel did not look for. */
      if (len == 1 && s->path[PATH_MARK + begin] == '/') return (begin + 1) | PATH_CUT;
      return begin;
    }
    begin = (begin - 1) & PATH_END;
    s->path[PATH_MARK + begin] = '/';
    dentry = parent;
  }
  return begin | PATH_CUT;
}

/*
 * Appends the path to the record's tail; the result is what append_path() unpacks. A cut one begins with "...", so that
 * no rule about an absolute path takes the rest for one.
 */
#define PATH_WHOLE (1ULL << 32)

SHARED __u64 build_path(__u32 slot, __u64 mount, __u64 dentry) {
  struct scratch* s = scratch_of(slot);
  if (!s || !mount || !dentry) return PATH_WHOLE;
  __u64 walked = walk_path(s, (void*)mount, (void*)dentry);
  __u64 begin = walked & PATH_END;
  __u64 len = PATH_END - begin;
  const __u8* from = s->path + PATH_MARK + begin;
  bool whole = !(walked & PATH_CUT);
  if (!whole) {
    s->path[begin] = '.';
    s->path[begin + 1] = '.';
    s->path[begin + 2] = '.';
    from = s->path + begin;
    len += PATH_MARK;
    count_fault(s->type, BONGSU_FAULT_PATH);
  }
  __u32 off;
  void* tail = record_tail(s, PATH_ROOM, &off);
  if (!tail || bpf_probe_read_kernel(tail, len, from)) return 0;
  s->used = off + len;
  return off | len << 16 | (whole ? PATH_WHOLE : 0);
}

/* Says whether the path is whole. */
static __always_inline bool append_path(struct scratch* s, struct bongsu_str* str, struct vfsmount* mount,
                                        struct dentry* dentry) {
  __u64 built = build_path(s->slot, (__u64)mount, (__u64)dentry);
  str->off = built;
  str->len = built >> 16;
  return built & PATH_WHOLE;
}
