// SPDX-License-Identifier: Apache-2.0
//
// mount, umount, chroot, pivot_root: the old calls and the new ones. Each child has mounts of its own.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "support/kernel/calls.h"

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467  // newer than the C library's headers (include/uapi/asm-generic/unistd.h)
#endif
#ifndef MNT_DETACH
#define MNT_DETACH 2  // include/linux/fs.h
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000  // include/uapi/linux/fcntl.h
#endif

namespace bongsu::test {
namespace {

class MountTest : public CallsTest {
 protected:
  void SetUp() override {
    CallsTest::SetUp();
    for (const char* name : {"from", "at", "other"}) {
      std::filesystem::create_directory(in(name));
    }
  }
  static Fields put_at(const std::string& target, const std::string& flags, Fields more = {}) {
    more.emplace("file.target_path", target);
    if (!flags.empty()) {
      more.emplace("file.mount_flags", flags);
    }
    return untrusted(std::move(more));
  }
  static Fields source(const std::string& path, const std::string& given) {
    Fields fields{{"file.path", path}, {"file.name", std::filesystem::path(path).filename()}};
    if (!given.empty()) {
      fields.emplace("file.path_given", given);
    }
    return fields;
  }
  static Fields path(const std::string& path, const std::string& given, const std::string& flags = "") {
    Fields fields = source(path, given);
    if (!flags.empty()) {
      fields.emplace("file.mount_flags", flags);
    }
    return untrusted(std::move(fields));
  }
  static Fields with(Fields fields, Fields more) {
    fields.merge(more);
    return fields;
  }
};
BONGSU_BOTH_TRANSPORTS(MountTest);

TEST_P(MountTest, AFileSystem) {
  const std::string none = in("none");
  run({EventType::mount},
      {call(SYS_mount, {text("disk"), text(in("at")), text("tmpfs"), num(MS_NOSUID | MS_NODEV | MS_MGC_VAL), num(0)}),
       call(SYS_mount, {text("disk"), text(none), text("tmpfs"), num(MS_RDONLY), num(0)}),
       call(SYS_chdir, {text(folder())}),
       call(SYS_mount, {text("x"), text("other"), text("nosuchfs"), num(0), num(0)})},
      own_mounts);
  const Fields tmpfs = with(source("disk", "disk"), {{"file.system_type", "tmpfs"}});
  EXPECT_EQ(told_of(EventType::mount, 1), succeeded("mount", put_at(in("at"), "MS_NOSUID MS_NODEV", tmpfs)));
  EXPECT_EQ(told_of(EventType::mount, 2), failed("mount", "ENOENT", put_at(none, "MS_RDONLY", tmpfs)));
  EXPECT_EQ(
      told_of(EventType::mount, 3),
      failed("mount", "ENODEV", put_at(in("other"), "", with(source("x", "x"), {{"file.system_type", "nosuchfs"}}))));
}

// What the kernel does not look at is not told, whatever the registers hold.
TEST_P(MountTest, BoundChangedAndMoved) {
  const std::string from = in("from");
  const std::string at = in("at");
  run({EventType::mount},
      {call(SYS_mount, {text(from), text(at), text("ignored"), num(MS_BIND | MS_REC), num(0)}),
       call(SYS_mount, {text("ignored"), text(at), text("ignored"), num(MS_REMOUNT | MS_BIND | MS_RDONLY), num(0)}),
       call(SYS_mount, {text("ignored"), text(at), num(0), num(MS_PRIVATE | MS_REC), num(0)}),
       call(SYS_chdir, {text(folder())}),
       call(SYS_mount, {text("at"), text(in("other")), num(0), num(MS_MOVE), num(0)})},
      own_mounts);
  EXPECT_EQ(told_of(EventType::mount, 1), succeeded("mount", put_at(at, "MS_BIND MS_REC", source(from, from))));
  EXPECT_EQ(told_of(EventType::mount, 2), succeeded("mount", put_at(at, "MS_RDONLY MS_REMOUNT MS_BIND")));
  EXPECT_EQ(told_of(EventType::mount, 3), succeeded("mount", put_at(at, "MS_REC MS_PRIVATE")));
  EXPECT_EQ(told_of(EventType::mount, 4), succeeded("mount", put_at(in("other"), "MS_MOVE", source(at, "at"))));
}

TEST_P(MountTest, ByTheNewCalls) {
  constexpr int kSetString = 1;  // FSCONFIG_SET_STRING and FSCONFIG_CMD_CREATE of linux/mount.h
  constexpr int kCreate = 6;
  run({EventType::mount},
      {call(SYS_fsopen, {text("tmpfs"), num(0)}),
       call(SYS_fsconfig, {result_of(0), num(kSetString), text("source"), text("disk"), num(0)}),
       call(SYS_fsconfig, {result_of(0), num(kCreate), num(0), num(0), num(0)}),
       call(SYS_fsmount, {result_of(0), num(0), num(MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY)}),
       call(SYS_move_mount, {result_of(3), text(""), num(AT_FDCWD), text(in("at")), num(MOVE_MOUNT_F_EMPTY_PATH)}),
       call(SYS_move_mount, {num(AT_FDCWD), text(in("at")), num(AT_FDCWD), text(in("other")), num(0)}),
       call(SYS_move_mount, {num(AT_FDCWD), text(in("at")), num(AT_FDCWD), text(in("from")), num(0)})},
      own_mounts);
  EXPECT_EQ(told_of(EventType::mount, 1),
            succeeded("move_mount", put_at(in("at"), "MS_RDONLY MS_NOEXEC",
                                           with(source("disk", ""), {{"file.system_type", "tmpfs"}}))));
  EXPECT_EQ(told_of(EventType::mount, 2),
            succeeded("move_mount", put_at(in("other"), "MS_MOVE", source(in("at"), in("at")))));
  EXPECT_EQ(told_of(EventType::mount, 3),  // it is no mount any more
            failed("move_mount", "EINVAL", put_at(in("from"), "MS_MOVE", source(in("at"), in("at")))));
}

// Linux 5.12; struct mount_attr
TEST_P(MountTest, AttributesOfAMount) {
  const std::string at = in("at");
  run({EventType::mount},
      {call(SYS_mount, {text("disk"), text(at), text("tmpfs"), num(0), num(0)}),
       call(SYS_mount_setattr, {num(AT_FDCWD), text(at), num(AT_RECURSIVE),
                                words({MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, MS_PRIVATE, 0}), num(32)}),
       call(SYS_mount_setattr, {num(AT_FDCWD), text(in("none")), num(0), words({MOUNT_ATTR_NODEV, 0, 0, 0}), num(32)})},
      own_mounts);
  if (result(1) == -ENOSYS) {
    GTEST_SKIP() << "this kernel has no mount_setattr";
  }
  EXPECT_EQ(told_of(EventType::mount, 2),
            succeeded("mount_setattr", put_at(at, "MS_RDONLY MS_NOSUID MS_REMOUNT MS_BIND MS_REC MS_PRIVATE")));
  EXPECT_EQ(told_of(EventType::mount, 3),
            failed("mount_setattr", "ENOENT", put_at(in("none"), "MS_NODEV MS_REMOUNT MS_BIND")));
}

// Linux 6.15
TEST_P(MountTest, AttributesOfACopy) {
  const std::string at = in("at");
  run({EventType::mount},
      {call(SYS_mount, {text("disk"), text(at), text("tmpfs"), num(0), num(0)}),
       call(SYS_open_tree_attr,
            {num(AT_FDCWD), text(at), num(OPEN_TREE_CLONE), words({MOUNT_ATTR_NOEXEC, 0, 0, 0}), num(32)})},
      own_mounts);
  if (result(1) == -ENOSYS) {
    GTEST_SKIP() << "this kernel has no open_tree_attr";
  }
  EXPECT_EQ(told_of(EventType::mount, 2), succeeded("open_tree_attr", path(at, at, "MS_NOEXEC MS_BIND")));
}

TEST_P(MountTest, Umount) {
  const std::string at = in("at");
  run({EventType::umount},
      {call(SYS_mount, {text("disk"), text(at), text("tmpfs"), num(0), num(0)}),
       call(SYS_umount2, {text(at), num(MNT_DETACH)}), call(SYS_umount2, {text(at), num(0)})},
      own_mounts);
  EXPECT_EQ(told_of(EventType::umount, 1), succeeded("umount2", path(at, at, "MNT_DETACH")));
  EXPECT_EQ(told_of(EventType::umount, 2), failed("umount2", "EINVAL", path(at, at)));
}

// The argument would be wrong twice: links are not resolved, and it would be put behind the root of now.
TEST_P(MountTest, ChrootTellsTheRootThatItGave) {
  const std::string at = in("at");
  std::filesystem::create_directory(in("at/below"));
  ASSERT_EQ(::symlink("at", in("link").c_str()), 0);
  run({EventType::chroot}, {call(SYS_chroot, {text(in("none"))}), call(SYS_chroot, {text(in("link"))}),
                            call(SYS_chroot, {text("/below")}), call(SYS_chroot, {text("/none")})});
  EXPECT_EQ(told_of(EventType::chroot, 1), failed("chroot", "ENOENT", path(in("none"), in("none"))));
  EXPECT_EQ(told_of(EventType::chroot, 2), succeeded("chroot", source(at, in("link"))));
  EXPECT_EQ(told_of(EventType::chroot, 3), succeeded("chroot", source(in("at/below"), "/below")));
  EXPECT_EQ(told_of(EventType::chroot, 4), failed("chroot", "ENOENT", path(in("at/below/none"), "/none")));
}

TEST_P(MountTest, PivotRoot) {
  const std::string at = in("at");
  run({EventType::pivot_root},
      {call(SYS_mount, {text("disk"), text(at), text("tmpfs"), num(0), num(0)}),
       call(SYS_mkdirat, {num(AT_FDCWD), text(in("at/old")), num(0700)}),
       call(SYS_pivot_root, {text(in("from")), text(in("from"))}),
       call(SYS_pivot_root, {text(at), text(in("at/old"))})},
      own_mounts);
  EXPECT_EQ(told_of(EventType::pivot_root, 1),  // the root's own mount
            failed("pivot_root", "EBUSY", put_at(in("from"), "", source(in("from"), in("from")))));
  EXPECT_EQ(told_of(EventType::pivot_root, 2), succeeded("pivot_root", put_at(in("at/old"), "", source(at, at))));
  EXPECT_EQ(record(EventType::pivot_root)->as<bongsu_pivot_root>().pad, 0U);
}

#if defined(__x86_64__)
// arch/x86/entry/syscalls/syscall_32.tbl: 21 mount, 22 umount, which has no flags, 52 umount2, 61 chroot, 429
// move_mount
TEST_P(MountTest, By32BitCallsOfA64BitProgram) {
  const std::string at = in("at");
  run({EventType::mount, EventType::umount, EventType::chroot},
      {call32(21, {text("disk"), text(at), text("tmpfs"), num(MS_NOSUID), num(0)}),
       call32(429, {num(AT_FDCWD), text(at), num(AT_FDCWD), text(in("other")), num(0)}),
       call32(22, {text(in("other")), num(1)}), call32(52, {text(at), num(MNT_DETACH)}), call32(61, {text(at)})},
      own_mounts);
  EXPECT_EQ(told_of(EventType::mount, 1),
            succeeded("mount", put_at(at, "MS_NOSUID", with(source("disk", "disk"), {{"file.system_type", "tmpfs"}})),
                      "i386"));
  EXPECT_EQ(told_of(EventType::mount, 2),
            succeeded("move_mount", put_at(in("other"), "MS_MOVE", source(at, at)), "i386"));
  EXPECT_EQ(told_of(EventType::umount, 1), succeeded("umount", path(in("other"), in("other")), "i386"));
  EXPECT_EQ(told_of(EventType::umount, 2), failed("umount2", "EINVAL", path(at, at, "MNT_DETACH"), "i386"));
  EXPECT_EQ(told_of(EventType::chroot), succeeded("chroot", source(at, at), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
