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
static __noinline __u64 walk_path(struct scratch* s, struct vfsmount* vfsmount, struct dentry* dentry) {
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
    if (parent == dentry) return begin;
    begin = (begin - 1) & PATH_END;
    s->path[PATH_MARK + begin] = '/';
    dentry = parent;
  }
  return begin | PATH_CUT;
}

/*
 * Appends the path; says whether it is whole. A cut one begins with "...", so that no rule about an absolute path takes
 * the rest for one.
 */
static __noinline int append_path(struct scratch* s, struct bongsu_str* str, struct vfsmount* mount,
                                  struct dentry* dentry) {
  if (!mount || !dentry) return 1;
  __u64 walked = walk_path(s, mount, dentry);
  __u64 begin = walked & PATH_END;
  __u64 len = PATH_END - begin;
  const __u8* from = s->path + PATH_MARK + begin;
  int whole = !(walked & PATH_CUT);
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
  str->off = off;
  str->len = len;
  s->used = off + len;
  return whole;
}
