// SPDX-License-Identifier: Apache-2.0
//
// Calls on one file: unlink, rmdir, mkdir, mknod, chmod, chown, truncate, setxattr.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "support/kernel/calls.h"

// Newer than the C library's headers (include/uapi/asm-generic/unistd.h); the same on every machine.
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif

namespace bongsu::test {
namespace {

class PathTest : public CallsTest {
 protected:
  // A path that the argument gave alone, and one that counts from a directory.
  static Fields whole(const std::string& path, Fields more = {}) { return argument(path, path, std::move(more)); }
  static Fields argument(const std::string& path, const std::string& given, Fields more = {}) {
    more.emplace("file.path_given", given);
    return untrusted(of_descriptor(path, std::move(more)));
  }
  // The kernel's own.
  static Fields of_descriptor(const std::string& path, Fields more = {}) {
    more.emplace("file.path", path);
    more.emplace("file.name", std::filesystem::path(path).filename());
    return more;
  }
  [[nodiscard]] std::string open_folder() const {
    return call(SYS_openat, {num(AT_FDCWD), text(folder()), num(O_RDONLY | O_DIRECTORY)});
  }
  static std::string open_file(const std::string& path) {
    return call(SYS_openat, {num(AT_FDCWD), text(path), num(O_RDWR)});
  }
};
BONGSU_BOTH_TRANSPORTS(PathTest);

TEST_P(PathTest, Unlink) {
  const std::string file = make_file("file");
  (void)make_file("other");
  run({EventType::unlink}, {open_folder(), call(SYS_unlinkat, {num(AT_FDCWD), text(file), num(0)}),
                            call(SYS_unlinkat, {result_of(0), text("other"), num(0)}),
                            call(SYS_unlinkat, {result_of(0), text("none"), num(0)}),
                            call(SYS_unlinkat, {num(AT_FDCWD), text("none"), num(0)})});
  EXPECT_EQ(told_of(EventType::unlink, 1), succeeded("unlinkat", whole(file)));
  EXPECT_EQ(told_of(EventType::unlink, 2), succeeded("unlinkat", argument(in("other"), "other")));
  EXPECT_EQ(told_of(EventType::unlink, 3), failed("unlinkat", "ENOENT", argument(in("none"), "none")));
  const std::string here = std::filesystem::current_path();
  EXPECT_EQ(told_of(EventType::unlink, 4), failed("unlinkat", "ENOENT", argument(here + "/none", "none")));
  EXPECT_EQ(record(EventType::unlink)->header().flags, BONGSU_UNTRUSTED);
  EXPECT_EQ(count(EventType::unlink), 4U);
}

TEST_P(PathTest, MakeAndRemoveADirectory) {
  run({EventType::mkdir, EventType::rmdir}, {open_folder(), call(SYS_mkdirat, {result_of(0), text("new"), num(0751)}),
                                             call(SYS_mkdirat, {num(AT_FDCWD), text(in("new")), num(01777)}),
                                             call(SYS_unlinkat, {result_of(0), text("new"), num(AT_REMOVEDIR)}),
                                             call(SYS_unlinkat, {num(AT_FDCWD), text(in("new")), num(AT_REMOVEDIR)})});
  EXPECT_EQ(told_of(EventType::mkdir, 1), succeeded("mkdirat", argument(in("new"), "new", {{"file.mode", "489"}})));
  EXPECT_EQ(told_of(EventType::mkdir, 2), failed("mkdirat", "EEXIST", whole(in("new"), {{"file.mode", "1023"}})));
  EXPECT_EQ(told_of(EventType::rmdir, 1), succeeded("unlinkat", argument(in("new"), "new")));
  EXPECT_EQ(told_of(EventType::rmdir, 2), failed("unlinkat", "ENOENT", whole(in("new"))));
  EXPECT_EQ(record(EventType::mkdir)->as<bongsu_mkdir>().pad, 0U);
}

TEST_P(PathTest, Mknod) {
  const auto device = makedev(300, 70000);  // more than a byte each, as the kernel packs them
  run({EventType::mknod},
      {open_folder(), call(SYS_mknodat, {result_of(0), text("fifo"), num(S_IFIFO | 0640), num(0)}),
       call(SYS_mknodat, {num(AT_FDCWD), text(in("null")), num(S_IFCHR | 0666), num(makedev(1, 3))}),
       call(SYS_mknodat, {result_of(0), text("disk"), num(S_IFBLK | 0600), num(device)}),
       call(SYS_mknodat, {result_of(0), text("file"), num(0600), num(0)}),
       call(SYS_mknodat, {result_of(0), text("none/socket"), num(S_IFSOCK | 0600), num(0)})});
  EXPECT_EQ(told_of(EventType::mknod, 1),
            succeeded("mknodat", argument(in("fifo"), "fifo", {{"file.mode", "416"}, {"file.type", "fifo"}})));
  EXPECT_EQ(told_of(EventType::mknod, 2), succeeded("mknodat", whole(in("null"), {{"file.mode", "438"},
                                                                                  {"file.type", "char_device"},
                                                                                  {"file.device_node.major", "1"},
                                                                                  {"file.device_node.minor", "3"}})));
  EXPECT_EQ(told_of(EventType::mknod, 3), succeeded("mknodat", argument(in("disk"), "disk",
                                                                        {{"file.mode", "384"},
                                                                         {"file.type", "block_device"},
                                                                         {"file.device_node.major", "300"},
                                                                         {"file.device_node.minor", "70000"}})));
  EXPECT_EQ(told_of(EventType::mknod, 4),
            succeeded("mknodat", argument(in("file"), "file", {{"file.mode", "384"}, {"file.type", "file"}})));
  EXPECT_EQ(told_of(EventType::mknod, 5),
            failed("mknodat", "ENOENT",
                   argument(in("none/socket"), "none/socket", {{"file.mode", "384"}, {"file.type", "socket"}})));
}

TEST_P(PathTest, Chmod) {
  const std::string file = make_file("file");
  run({EventType::chmod},
      {open_folder(), open_file(file), call(SYS_fchmodat, {result_of(0), text("file"), num(04755)}),
       call(SYS_fchmod, {result_of(1), num(0600)}), call(SYS_fchmodat, {num(AT_FDCWD), text(in("none")), num(0777)}),
       call(SYS_fchmod, {num(1000), num(0600)}), call(SYS_fchmod, {num(AT_FDCWD), num(0600)})});
  EXPECT_EQ(told_of(EventType::chmod, 1), succeeded("fchmodat", argument(file, "file", {{"file.mode", "2541"}})));
  EXPECT_EQ(told_of(EventType::chmod, 2), succeeded("fchmod", of_descriptor(file, {{"file.mode", "384"}})));
  EXPECT_EQ(told_of(EventType::chmod, 3), failed("fchmodat", "ENOENT", whole(in("none"), {{"file.mode", "511"}})));
  EXPECT_EQ(told_of(EventType::chmod, 4), failed("fchmod", "EBADF", {{"file.mode", "384"}}));
  EXPECT_EQ(told_of(EventType::chmod, 5), failed("fchmod", "EBADF", {{"file.mode", "384"}}));  // not the directory
  EXPECT_EQ(record(EventType::chmod)->as<bongsu_chmod>().pad, 0U);
}

// Linux 6.6
TEST_P(PathTest, ChmodWithFlags) {
  const std::string file = make_file("file");
  run({EventType::chmod},
      {open_file(file), call(SYS_fchmodat2, {result_of(0), text(""), num(0640), num(AT_EMPTY_PATH)}),
       call(SYS_fchmodat2, {num(AT_FDCWD), text(file), num(0600), num(AT_SYMLINK_NOFOLLOW)})});
  if (result(1) == -ENOSYS) {
    GTEST_SKIP() << "this kernel has no fchmodat2";
  }
  // An argument that is empty now may have been emptied: so it is not to be trusted.
  EXPECT_EQ(told_of(EventType::chmod, 1),
            succeeded("fchmodat2", untrusted(of_descriptor(file, {{"file.mode", "416"}}))));
  EXPECT_EQ(told_of(EventType::chmod, 2), succeeded("fchmodat2", whole(file, {{"file.mode", "384"}})));
}

TEST_P(PathTest, Chown) {
  const std::string file = make_file("file");
  run({EventType::chown},
      {open_folder(), open_file(file), call(SYS_fchownat, {result_of(0), text("file"), num(70000), num(7), num(0)}),
       call(SYS_fchown, {result_of(1), num(-1), num(8)}),
       call(SYS_fchownat, {num(AT_FDCWD), text(in("none")), num(0), num(-1), num(AT_SYMLINK_NOFOLLOW)}),
       call(SYS_fchown, {num(1000), num(1), num(2)})});
  EXPECT_EQ(told_of(EventType::chown, 1),
            succeeded("fchownat", argument(file, "file", {{"file.uid", "70000"}, {"file.gid", "7"}})));
  EXPECT_EQ(told_of(EventType::chown, 2), succeeded("fchown", of_descriptor(file, {{"file.gid", "8"}})));
  EXPECT_EQ(told_of(EventType::chown, 3), failed("fchownat", "ENOENT", whole(in("none"), {{"file.uid", "0"}})));
  EXPECT_EQ(told_of(EventType::chown, 4), failed("fchown", "EBADF", {{"file.uid", "1"}, {"file.gid", "2"}}));
}

TEST_P(PathTest, Truncate) {
  const std::string file = make_file("file");
  constexpr std::int64_t kLong = 5'000'000'000;  // more than 32 bits
  run({EventType::truncate},
      {open_file(file), call(SYS_truncate, {text(file), num(kLong)}), call(SYS_ftruncate, {result_of(0), num(3)}),
       call(SYS_truncate, {text(in("none")), num(0)}), call(SYS_ftruncate, {num(1000), num(1)})});
  EXPECT_EQ(told_of(EventType::truncate, 1), succeeded("truncate", whole(file, {{"file.size", "5000000000"}})));
  EXPECT_EQ(told_of(EventType::truncate, 2), succeeded("ftruncate", of_descriptor(file, {{"file.size", "3"}})));
  EXPECT_EQ(told_of(EventType::truncate, 3), failed("truncate", "ENOENT", whole(in("none"), {{"file.size", "0"}})));
  EXPECT_EQ(told_of(EventType::truncate, 4), failed("ftruncate", "EBADF", {{"file.size", "1"}}));
}

TEST_P(PathTest, Setxattr) {
  const std::string file = make_file("file");
  const std::string name = "trusted.bongsu";  // any file system of ours has these, for root
  const auto value = [] { return words({42}); };
  run({EventType::setxattr},
      {open_file(file), call(SYS_setxattr, {text(file), text(name), value(), num(8), num(0)}),
       call(SYS_lsetxattr, {text(file), text(name), value(), num(8), num(0)}),
       call(SYS_fsetxattr, {result_of(0), text(name), value(), num(8), num(0)}),
       call(SYS_setxattr, {text(in("none")), text("security.capability"), value(), num(8), num(0)}),
       call(SYS_fsetxattr, {num(1000), text(name), value(), num(8), num(0)})});
  const Fields named = {{"file.xattr.name", name}};
  EXPECT_EQ(told_of(EventType::setxattr, 1), succeeded("setxattr", whole(file, named)));
  EXPECT_EQ(told_of(EventType::setxattr, 2), succeeded("lsetxattr", whole(file, named)));
  // The file is the kernel's own, its attribute's name was read from the process's memory.
  EXPECT_EQ(told_of(EventType::setxattr, 3), succeeded("fsetxattr", untrusted(of_descriptor(file, named))));
  EXPECT_EQ(told_of(EventType::setxattr, 4),
            failed("setxattr", "ENOENT", whole(in("none"), {{"file.xattr.name", "security.capability"}})));
  EXPECT_EQ(told_of(EventType::setxattr, 5), failed("fsetxattr", "EBADF", untrusted(named)));
}

// Linux 6.13: struct xattr_args of linux/xattr.h
TEST_P(PathTest, SetxattrAt) {
  (void)make_file("file");
  run({EventType::setxattr},
      {open_folder(),
       call(SYS_setxattrat, {result_of(0), text("file"), num(0), text("user.a"), words({0, 0}), num(16)}),
       call(SYS_setxattrat, {result_of(0), text("none"), num(0), text("user.b"), words({0, 0}), num(16)})});
  if (result(1) == -ENOSYS) {
    GTEST_SKIP() << "this kernel has no setxattrat";
  }
  EXPECT_EQ(told_of(EventType::setxattr, 1),
            succeeded("setxattrat", argument(in("file"), "file", {{"file.xattr.name", "user.a"}})));
  EXPECT_EQ(told_of(EventType::setxattr, 2),
            failed("setxattrat", "ENOENT", argument(in("none"), "none", {{"file.xattr.name", "user.b"}})));
}

#if defined(__x86_64__)
TEST_P(PathTest, ByTheCallsThatOnlyOldMachinesHave) {
  const std::string file = make_file("file");
  run({EventType::unlink, EventType::rmdir, EventType::mkdir, EventType::mknod, EventType::chmod, EventType::chown},
      {call(SYS_chmod, {text(file), num(0640)}), call(SYS_chown, {text(file), num(5), num(6)}),
       call(SYS_lchown, {text(file), num(7), num(-1)}), call(SYS_unlink, {text(file)}),
       call(SYS_mkdir, {text(in("new")), num(0700)}), call(SYS_rmdir, {text(in("new"))}),
       call(SYS_mknod, {text(in("node")), num(S_IFCHR | 0600), num(makedev(1, 5))}),
       call(SYS_unlink, {text(in("none"))}), call(SYS_rmdir, {text(in("none"))})});
  EXPECT_EQ(told_of(EventType::chmod), succeeded("chmod", whole(file, {{"file.mode", "416"}})));
  EXPECT_EQ(told_of(EventType::chown, 1), succeeded("chown", whole(file, {{"file.uid", "5"}, {"file.gid", "6"}})));
  EXPECT_EQ(told_of(EventType::chown, 2), succeeded("lchown", whole(file, {{"file.uid", "7"}})));
  EXPECT_EQ(told_of(EventType::unlink, 1), succeeded("unlink", whole(file)));
  EXPECT_EQ(told_of(EventType::mkdir), succeeded("mkdir", whole(in("new"), {{"file.mode", "448"}})));
  EXPECT_EQ(told_of(EventType::rmdir, 1), succeeded("rmdir", whole(in("new"))));
  EXPECT_EQ(told_of(EventType::mknod), succeeded("mknod", whole(in("node"), {{"file.mode", "384"},
                                                                             {"file.type", "char_device"},
                                                                             {"file.device_node.major", "1"},
                                                                             {"file.device_node.minor", "5"}})));
  EXPECT_EQ(told_of(EventType::unlink, 2), failed("unlink", "ENOENT", whole(in("none"))));
  EXPECT_EQ(told_of(EventType::rmdir, 2), failed("rmdir", "ENOENT", whole(in("none"))));
}

// arch/x86/entry/syscalls/syscall_32.tbl: ids of 16 bits and sizes in two registers
TEST_P(PathTest, By32BitCallsOfA64BitProgram) {
  const std::string file = make_file("file");
  run({EventType::chown, EventType::truncate, EventType::unlink},
      {open_file(file), call32(182, {text(file), num(0x12345), num(0xffff)}),
       call32(16, {text(file), num(0xffff), num(3)}), call32(95, {result_of(0), num(4), num(5)}),
       call32(212, {text(file), num(70000), num(-1)}), call32(207, {result_of(0), num(65535), num(6)}),
       call32(198, {text(file), num(8), num(9)}), call32(92, {text(file), num(100)}),
       call32(93, {result_of(0), num(-1)}), call32(193, {text(file), num(7), num(1)}),
       call32(194, {result_of(0), num(9), num(0)}), call32(301, {num(AT_FDCWD), text(file), num(0)})});
  EXPECT_EQ(told_of(EventType::chown, 1), succeeded("chown", whole(file, {{"file.uid", "9029"}}), "i386"));
  EXPECT_EQ(told_of(EventType::chown, 2), succeeded("lchown", whole(file, {{"file.gid", "3"}}), "i386"));
  EXPECT_EQ(told_of(EventType::chown, 3),
            succeeded("fchown", of_descriptor(file, {{"file.uid", "4"}, {"file.gid", "5"}}), "i386"));
  EXPECT_EQ(told_of(EventType::chown, 4), succeeded("chown32", whole(file, {{"file.uid", "70000"}}), "i386"));
  EXPECT_EQ(told_of(EventType::chown, 5),
            succeeded("fchown32", of_descriptor(file, {{"file.uid", "65535"}, {"file.gid", "6"}}), "i386"));
  EXPECT_EQ(told_of(EventType::chown, 6),
            succeeded("lchown32", whole(file, {{"file.uid", "8"}, {"file.gid", "9"}}), "i386"));
  EXPECT_EQ(told_of(EventType::truncate, 1), succeeded("truncate", whole(file, {{"file.size", "100"}}), "i386"));
  EXPECT_EQ(told_of(EventType::truncate, 2),
            failed("ftruncate", "EINVAL", of_descriptor(file, {{"file.size", "-1"}}), "i386"));
  EXPECT_EQ(told_of(EventType::truncate, 3),
            succeeded("truncate64", whole(file, {{"file.size", "4294967303"}}), "i386"));
  EXPECT_EQ(told_of(EventType::truncate, 4),
            succeeded("ftruncate64", of_descriptor(file, {{"file.size", "9"}}), "i386"));
  EXPECT_EQ(told_of(EventType::unlink), succeeded("unlinkat", whole(file), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
