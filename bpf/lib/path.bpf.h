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
 * A walk from a file up to the root, in the scratch memory of `slot`. Each step is a call of a global function that
 * takes numbers only, so the verifier looks at a step once, however many a walk may take.
 */
enum walk_end {
  WALK_ON = 0,  /* s->walk stands at the next component */
  WALK_ROOT,    /* the root of the mount namespace */
  WALK_ORPHAN,  /* at a dentry without a parent that is no mount's root (memfd, pipe): its name is all there is */
  WALK_CROSSED, /* the root of a mount: no component, but one step */
};

static __always_inline void walk_begin(struct scratch* s, __u64 vfsmount, __u64 dentry) {
  struct mount* mount = (void*)(vfsmount - bpf_core_field_offset(struct mount, mnt));

  s->walk.mount = (__u64)mount;
  s->walk.root = (__u64)BPF_CORE_READ(mount, mnt.mnt_root);
  s->walk.dentry = dentry;
}

#define DENTRY_OFFSET(member) bpf_core_field_offset(struct dentry, member)

/* Whether the members lie as they do in all kernels so far: then one read has what a step needs of a dentry. */
static __always_inline bool dentry_is_whole(void) {
  return DENTRY_OFFSET(d_name.len) == DENTRY_OFFSET(d_parent) + __builtin_offsetof(struct walked_dentry, len) &&
         DENTRY_OFFSET(d_name.name) == DENTRY_OFFSET(d_parent) + __builtin_offsetof(struct walked_dentry, name);
}

static __always_inline void read_dentry(struct walked_dentry* d, struct dentry* dentry) {
  if (dentry_is_whole()) {
    bpf_probe_read_kernel(d, BONGSU_DENTRY_BYTES, (void*)dentry + DENTRY_OFFSET(d_parent));
    return;
  }
  d->parent = (__u64)BPF_CORE_READ(dentry, d_parent);
  d->len = BPF_CORE_READ(dentry, d_name.len);
  d->name = (__u64)BPF_CORE_READ(dentry, d_name.name);
}

/* One step up: s->walk.at is the component that it went over, unless it ends the walk at the root or crosses a mount.
 */
static __always_inline int walk_up(struct scratch* s) {
  if (s->walk.dentry == s->walk.root) {
    struct mount* mount = (void*)s->walk.mount;
    struct mount* above = BPF_CORE_READ(mount, mnt_parent);
    if (above == mount) return WALK_ROOT;
    s->walk.dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
    s->walk.mount = (__u64)above;
    s->walk.root = (__u64)BPF_CORE_READ(above, mnt.mnt_root);
    return WALK_CROSSED;
  }
  read_dentry(&s->walk.at, (void*)s->walk.dentry);
  if (s->walk.at.parent == s->walk.dentry) return WALK_ORPHAN;
  s->walk.dentry = s->walk.at.parent;
  return WALK_ON;
}

/*
 * One component written before what there is of the path, which ends at s->path + PATH_MARK + PATH_END. 0: go on; else
 * the path is there, with PATH_CUT when its front is missing.
 */
#define PATH_THERE 1

SHARED __u64 prepend_component(__u32 slot) {
  struct scratch* s = scratch_of(slot);
  if (!s) return PATH_CUT;
  int end = walk_up(s);
  __u64 begin = s->walk.begin & PATH_END;

  if (end == WALK_CROSSED) return 0;
  if (end == WALK_ROOT) {
    if (begin == PATH_END) {
      begin--;
      s->path[PATH_MARK + begin] = '/';
      s->walk.begin = begin;
    }
    return PATH_THERE;
  }
  __u64 len = s->walk.at.len & NAME_MASK;
  if (begin <= len) return PATH_CUT;
  begin = (begin - len) & PATH_END;
  bpf_probe_read_kernel(s->path + PATH_MARK + begin, len, (void*)s->walk.at.name);
  s->walk.begin = begin;
  if (end == WALK_ORPHAN) {
    /* "/" is no name: a file opened by its handle, whose place in the tree the kernel did not look for. */
    if (len != 1 || s->path[PATH_MARK + begin] != '/') return PATH_THERE;
    s->walk.begin = begin + 1;
    return PATH_CUT;
  }
  begin = (begin - 1) & PATH_END;
  s->path[PATH_MARK + begin] = '/';
  s->walk.begin = begin;
  return 0;
}

/* Writes the path. Returns where it begins, with PATH_CUT when its front is missing. */
static __always_inline __u64 walk_path(struct scratch* s, __u64 vfsmount, __u64 dentry) {
  __u64 end = 0;

  walk_begin(s, vfsmount, dentry);
  s->walk.begin = PATH_END;
  for (int i = 0; i < PATH_COMPONENTS && !end; i++) end = prepend_component(s->slot);
  return s->walk.begin | (end == PATH_THERE ? 0 : PATH_CUT);
}

/*
 * Appends the path to the record's tail; the result is what append_path() unpacks. A cut one begins with "...", so that
 * no rule about an absolute path takes the rest for one.
 */
#define PATH_WHOLE (1ULL << 32)

SHARED __u64 build_path(__u32 slot, __u64 mount, __u64 dentry) {
  struct scratch* s = scratch_of(slot);
  if (!s || !mount || !dentry) return PATH_WHOLE;
  __u64 walked = walk_path(s, mount, dentry);
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
