// SPDX-License-Identifier: Apache-2.0
//
// Calls on two paths: rename, link, symlink.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class PathPairTest : public CallsTest {
 protected:
  static Fields both(const std::string& path, const std::string& given, const std::string& target, Fields more = {}) {
    more.emplace("file.path", path);
    more.emplace("file.path_given", given);
    more.emplace("file.name", std::filesystem::path(path).filename());
    more.emplace("file.target_path", target);
    return untrusted(std::move(more));
  }
  [[nodiscard]] std::string open_folder() const {
    return call(SYS_openat, {num(AT_FDCWD), text(folder()), num(O_RDONLY | O_DIRECTORY)});
  }
};
BONGSU_BOTH_TRANSPORTS(PathPairTest);

TEST_P(PathPairTest, Rename) {
  const std::string a = make_file("a");
  (void)make_file("other");
  const std::string b = in("b");
  const std::string c = in("c");
  const auto renameat2 = [](const std::string& from, const std::string& to, unsigned flags) {
    return call(SYS_renameat2, {num(AT_FDCWD), text(from), num(AT_FDCWD), text(to), num(flags)});
  };
  run({EventType::rename},
      {open_folder(), renameat2(a, b, 0),
       call(SYS_renameat2, {result_of(0), text("b"), result_of(0), text("c"), num(0)}),
       renameat2(c, in("other"), RENAME_EXCHANGE), renameat2(c, in("other"), RENAME_NOREPLACE),
       renameat2(in("none"), b, 0), call(SYS_renameat2, {result_of(0), text("c"), num(AT_FDCWD), text(b), num(0)})});
  EXPECT_EQ(told_of(EventType::rename, 1), succeeded("renameat2", both(a, a, b)));
  EXPECT_EQ(told_of(EventType::rename, 2), succeeded("renameat2", both(b, "b", c)));
  EXPECT_EQ(told_of(EventType::rename, 3),
            succeeded("renameat2", both(c, c, in("other"), {{"file.rename_flags", "RENAME_EXCHANGE"}})));
  EXPECT_EQ(told_of(EventType::rename, 4),
            failed("renameat2", "EEXIST", both(c, c, in("other"), {{"file.rename_flags", "RENAME_NOREPLACE"}})));
  EXPECT_EQ(told_of(EventType::rename, 5), failed("renameat2", "ENOENT", both(in("none"), in("none"), b)));
  EXPECT_EQ(told_of(EventType::rename, 6), succeeded("renameat2", both(c, "c", b)));
  EXPECT_EQ(record(EventType::rename)->as<bongsu_rename>().pad, 0U);
  EXPECT_EQ(count(EventType::rename), 6U);
}

TEST_P(PathPairTest, Link) {
  const std::string file = make_file("file");
  run({EventType::link},
      {open_folder(), call(SYS_linkat, {result_of(0), text("file"), num(AT_FDCWD), text(in("a")), num(0)}),
       call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
       call(SYS_linkat, {result_of(2), text(""), result_of(0), text("b"), num(AT_EMPTY_PATH)}),
       call(SYS_linkat, {num(AT_FDCWD), text(file), num(AT_FDCWD), text(in("a")), num(0)})});
  EXPECT_EQ(told_of(EventType::link, 1), succeeded("linkat", both(file, "file", in("a"))));
  Fields of_descriptor = both(file, "", in("b"));
  of_descriptor.erase("file.path_given");
  EXPECT_EQ(told_of(EventType::link, 2), succeeded("linkat", of_descriptor));
  EXPECT_EQ(told_of(EventType::link, 3), failed("linkat", "EEXIST", both(file, file, in("a"))));
  EXPECT_EQ(record(EventType::link)->as<bongsu_link>().pad, 0U);
}

TEST_P(PathPairTest, Symlink) {
  run({EventType::symlink}, {open_folder(), call(SYS_symlinkat, {text("../etc/passwd"), result_of(0), text("link")}),
                             call(SYS_symlinkat, {text("/etc/shadow"), num(AT_FDCWD), text(in("link"))})});
  EXPECT_EQ(told_of(EventType::symlink, 1), succeeded("symlinkat", both(in("link"), "link", "../etc/passwd")));
  EXPECT_EQ(told_of(EventType::symlink, 2), failed("symlinkat", "EEXIST", both(in("link"), in("link"), "/etc/shadow")));
  EXPECT_EQ(record(EventType::symlink)->as<bongsu_symlink>().pad, 0U);
}

TEST_P(PathPairTest, OfTheLongestPaths) {
  std::string from = "/";
  from.resize(BONGSU_PATH_BYTES - 1, 'a');
  std::string to = "/";
  to.resize(BONGSU_PATH_BYTES - 1, 'b');
  run({EventType::rename}, {call(SYS_renameat2, {num(AT_FDCWD), text(from), num(AT_FDCWD), text(to), num(0)})});
  EXPECT_EQ(told_of(EventType::rename), failed("renameat2", "ENAMETOOLONG", both(from, from, to)));
}

#if defined(__x86_64__)
TEST_P(PathPairTest, ByTheCallsThatOnlyOldMachinesHave) {
  const std::string file = make_file("file");
  run({EventType::rename, EventType::link, EventType::symlink},
      {call(SYS_rename, {text(file), text(in("a")), num(0), num(0), num(2)}),
       call(SYS_renameat, {num(AT_FDCWD), text(in("a")), num(AT_FDCWD), text(in("b")), num(2)}),
       call(SYS_link, {text(in("b")), text(in("c"))}), call(SYS_symlink, {text("c"), text(in("link"))}),
       call(SYS_rename, {text(in("none")), text(in("a"))})});
  // What lies in the register that is flags to renameat2 is nothing to them.
  EXPECT_EQ(told_of(EventType::rename, 1), succeeded("rename", both(file, file, in("a"))));
  EXPECT_EQ(told_of(EventType::rename, 2), succeeded("renameat", both(in("a"), in("a"), in("b"))));
  EXPECT_EQ(told_of(EventType::link), succeeded("link", both(in("b"), in("b"), in("c"))));
  EXPECT_EQ(told_of(EventType::symlink), succeeded("symlink", both(in("link"), in("link"), "c")));
  EXPECT_EQ(told_of(EventType::rename, 3), failed("rename", "ENOENT", both(in("none"), in("none"), in("a"))));
}

// arch/x86/entry/syscalls/syscall_32.tbl
TEST_P(PathPairTest, By32BitCallsOfA64BitProgram) {
  const std::string file = make_file("file");
  run({EventType::rename, EventType::link, EventType::symlink},
      {call32(38, {text(file), text(in("a"))}), call32(9, {text(in("a")), text(in("b"))}),
       call32(83, {text("b"), text(in("c"))}),
       call32(353, {num(AT_FDCWD), text(in("a")), num(AT_FDCWD), text(in("b")), num(RENAME_EXCHANGE)})});
  EXPECT_EQ(told_of(EventType::rename, 1), succeeded("rename", both(file, file, in("a")), "i386"));
  EXPECT_EQ(told_of(EventType::link), succeeded("link", both(in("a"), in("a"), in("b")), "i386"));
  EXPECT_EQ(told_of(EventType::symlink), succeeded("symlink", both(in("c"), in("c"), "b"), "i386"));
  EXPECT_EQ(
      told_of(EventType::rename, 2),
      succeeded("renameat2", both(in("a"), in("a"), in("b"), {{"file.rename_flags", "RENAME_EXCHANGE"}}), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
