// SPDX-License-Identifier: Apache-2.0
//
// open: by each call, with each flag, and when it fails. How paths are resolved is in open_path_test.cpp.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class OpenTest : public CallsTest {
 protected:
  // A regular file that was opened by step `step`.
  [[nodiscard]] Fields opened(std::size_t step, const std::string& path, const std::string& given,
                              const std::string& flags, Fields more = {}) const {
    more.emplace("file.path", path);
    more.emplace("file.path_given", given);
    more.emplace("file.name", std::filesystem::path(path).filename());
    more.emplace("file.descriptor", std::to_string(result(step)));
    more.emplace("file.inode", std::to_string(file_id(path).inode));
    more.emplace("file.open_flags", flags);
    more.emplace("file.mode", "0");
    more.emplace("file.type", "file");
    more.emplace("file.outside_mount_namespace", "false");
    return more;
  }
  // One that was not.
  [[nodiscard]] static Fields refused(const std::string& path, const std::string& given, const std::string& flags,
                                      Fields more = {}) {
    more.emplace("file.path", path);
    more.emplace("file.path_given", given);
    more.emplace("file.name", std::filesystem::path(path).filename());
    more.emplace("file.inode", "0");
    more.emplace("file.open_flags", flags);
    more.emplace("file.mode", "0");
    more.emplace("file.outside_mount_namespace", "false");
    return untrusted(std::move(more));
  }
};
BONGSU_BOTH_TRANSPORTS(OpenTest);

TEST_P(OpenTest, ByEachCall) {
  const std::string file = make_file("file");
  run({EventType::open}, {call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
                          call(SYS_openat2, {num(AT_FDCWD), text(file), words({O_RDWR, 0, 0}), num(24)})});
  EXPECT_EQ(told_of(EventType::open, 1), succeeded("openat", opened(0, file, file, "read")));
  EXPECT_EQ(told_of(EventType::open, 2), succeeded("openat2", opened(1, file, file, "read write")));
  const auto& wire = record(EventType::open)->as<bongsu_open>();
  EXPECT_EQ(wire.pad, 0U);
  EXPECT_EQ(wire.header.flags, 0U);
  EXPECT_EQ(count(EventType::open), 2U);
}

TEST_P(OpenTest, CreatesWithTheModeThatWasAskedFor) {
  run({EventType::open},
      {call(SYS_umask, {num(077)}),
       call(SYS_openat, {num(AT_FDCWD), text(in("new")), num(O_WRONLY | O_CREAT | O_EXCL), num(0666)}),
       call(SYS_openat, {num(AT_FDCWD), text(in("new")), num(O_WRONLY | O_CREAT | O_TRUNC), num(0640)}),
       call(SYS_openat2, {num(AT_FDCWD), text(in("other")), words({O_RDWR | O_CREAT | O_APPEND, 0751, 0}), num(24)})});
  EXPECT_EQ(
      told_of(EventType::open, 1),
      succeeded("openat", opened(1, in("new"), in("new"), "write create created exclusive", {{"file.mode", "438"}})));
  EXPECT_EQ(told_of(EventType::open, 2),  // it was there by then
            succeeded("openat", opened(2, in("new"), in("new"), "write create truncate", {{"file.mode", "416"}})));
  EXPECT_EQ(told_of(EventType::open, 3),
            succeeded("openat2",
                      opened(3, in("other"), in("other"), "read write create created append", {{"file.mode", "489"}})));
}

TEST_P(OpenTest, OfADirectoryAPathAndANamelessFile) {
  const std::string file = make_file("file");
  run({EventType::open}, {call(SYS_openat, {num(AT_FDCWD), text(folder()), num(O_RDONLY | O_DIRECTORY | O_NOFOLLOW)}),
                          call(SYS_openat, {num(AT_FDCWD), text(file), num(O_PATH | O_NOFOLLOW | O_CREAT | O_RDWR)}),
                          call(SYS_openat, {num(AT_FDCWD), text(folder()), num(O_TMPFILE | O_WRONLY), num(0600)})});
  EXPECT_EQ(told_of(EventType::open, 1),
            succeeded("openat", opened(0, folder(), folder(), "read directory nofollow", {{"file.type", "dir"}})));
  // With O_PATH the kernel looks at nothing else.
  EXPECT_EQ(told_of(EventType::open, 2), succeeded("openat", opened(1, file, file, "nofollow path")));
  const std::string nameless = descriptor(result(2));
  const Fields tmpfile = told_of(EventType::open, 3);
  EXPECT_EQ(tmpfile.at("file.path") + " (deleted)", nameless);
  EXPECT_EQ(tmpfile.at("file.path_given"), folder());
  EXPECT_EQ(tmpfile.at("file.open_flags"), "write tmpfile");
  EXPECT_EQ(tmpfile.at("file.mode"), std::to_string(0600));
  EXPECT_EQ(tmpfile.at("file.type"), "file");
}

TEST_P(OpenTest, OfEachTypeOfFile) {
  ASSERT_EQ(::mkfifo(in("fifo").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("nowhere", in("link").c_str()), 0);
  run({EventType::open}, {call(SYS_openat, {num(AT_FDCWD), text(in("fifo")), num(O_RDWR)}),
                          call(SYS_openat, {num(AT_FDCWD), text(in("link")), num(O_PATH | O_NOFOLLOW)}),
                          call(SYS_openat, {num(AT_FDCWD), text("/dev/null"), num(O_WRONLY)})});
  EXPECT_EQ(told_of(EventType::open, 1),
            succeeded("openat", opened(0, in("fifo"), in("fifo"), "read write", {{"file.type", "fifo"}})));
  Fields link = told_of(EventType::open, 2);
  EXPECT_EQ(link["file.type"], "symlink");
  EXPECT_EQ(link["file.path"], in("link"));  // itself, not what it leads to
  EXPECT_EQ(told_of(EventType::open, 3),
            succeeded("openat", opened(2, "/dev/null", "/dev/null", "write", {{"file.type", "char_device"}})));
}

TEST_P(OpenTest, ThatFailsTellsTheArgument) {
  const std::string none = in("none");
  run({EventType::open},
      {call(SYS_openat, {num(AT_FDCWD), text(none), num(O_RDONLY)}),
       call(SYS_openat2, {num(AT_FDCWD), text(none), words({O_WRONLY | O_TRUNC, 0, 0}), num(24)}),
       call(SYS_openat, {num(AT_FDCWD), text(none + "/below"), num(O_RDWR | O_CREAT | O_APPEND), num(0600)})});
  EXPECT_EQ(told_of(EventType::open, 1), failed("openat", "ENOENT", refused(none, none, "read")));
  EXPECT_EQ(told_of(EventType::open, 2), failed("openat2", "ENOENT", refused(none, none, "write truncate")));
  EXPECT_EQ(told_of(EventType::open, 3),
            failed("openat", "ENOENT",
                   refused(none + "/below", none + "/below", "read write create append", {{"file.mode", "384"}})));
  EXPECT_EQ(record(EventType::open)->header().error, ENOENT);
}

TEST_P(OpenTest, ThatIsDenied) {
  const std::string file = make_file("secret");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  run({EventType::open}, {call(SYS_setresuid, {num(65534), num(65534), num(65534)}),
                          call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)})});
  EXPECT_EQ(result(1), -EACCES);
  EXPECT_EQ(told_of(EventType::open), failed("openat", "EACCES", refused(file, file, "read")));
  EXPECT_EQ(record(EventType::open)->task().euid, 65534U);
}

TEST_P(OpenTest, OfWhatIsNoPath) {
  run({EventType::open}, {call(SYS_openat, {num(AT_FDCWD), num(0), num(O_RDONLY)}),
                          call(SYS_openat, {num(AT_FDCWD), num(8), num(O_RDONLY)}),
                          call(SYS_openat, {num(1000), text("name"), num(O_RDONLY)}),
                          call(SYS_openat, {num(AT_FDCWD), text(""), num(O_RDONLY)})});
  Fields null = refused("", "", "read");
  null.erase("file.path");
  null.erase("file.path_given");
  null.erase("file.name");
  EXPECT_EQ(told_of(EventType::open, 2), failed("openat", "EFAULT", null));
  null.erase("event.untrusted_argument");
  EXPECT_EQ(told_of(EventType::open, 1), failed("openat", "EFAULT", null));
  EXPECT_EQ(told_of(EventType::open, 3), failed("openat", "EBADF", refused("name", "name", "read")));
  // The directory that nothing was added to.
  Fields empty = refused(std::filesystem::current_path(), "", "read");
  empty.erase("file.path_given");
  EXPECT_EQ(told_of(EventType::open, 4), failed("openat", "ENOENT", empty));
  EXPECT_EQ(sensor().counters().faults[BONGSU_EVENT_open][BONGSU_FAULT_USER], 1U);
}

#if defined(__x86_64__)
TEST_P(OpenTest, ByTheCallsThatOnlyOldMachinesHave) {
  const std::string file = make_file("file");
  run({EventType::open},
      {call(SYS_open, {text(file), num(O_WRONLY | O_CREAT), num(0600)}), call(SYS_creat, {text(in("new")), num(0644)}),
       call(SYS_open, {text(in("none")), num(O_RDONLY)}), call(SYS_creat, {text(in("none/new")), num(0604)})});
  EXPECT_EQ(told_of(EventType::open, 1),
            succeeded("open", opened(0, file, file, "write create", {{"file.mode", "384"}})));
  EXPECT_EQ(
      told_of(EventType::open, 2),
      succeeded("creat", opened(1, in("new"), in("new"), "write create created truncate", {{"file.mode", "420"}})));
  EXPECT_EQ(told_of(EventType::open, 3), failed("open", "ENOENT", refused(in("none"), in("none"), "read")));
  EXPECT_EQ(told_of(EventType::open, 4),
            failed("creat", "ENOENT",
                   refused(in("none/new"), in("none/new"), "write create truncate", {{"file.mode", "388"}})));
}

// include/uapi/asm/unistd_32.h: 5 open, 8 creat, 295 openat, 437 openat2
TEST_P(OpenTest, By32BitCallsOfA64BitProgram) {
  const std::string file = make_file("file");
  run({EventType::open}, {call32(5, {text(file), num(O_WRONLY | O_APPEND)}), call32(8, {text(in("new")), num(0644)}),
                          call32(295, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
                          call32(437, {num(AT_FDCWD), text(file), words({O_RDWR, 0, 0}), num(24)}),
                          call32(5, {text(in("none")), num(O_RDWR)}), call(SYS_open, {text(file), num(O_RDONLY)})});
  EXPECT_EQ(told_of(EventType::open, 1), succeeded("open", opened(0, file, file, "write append"), "i386"));
  EXPECT_EQ(told_of(EventType::open, 2),
            succeeded("creat", opened(1, in("new"), in("new"), "write create created truncate", {{"file.mode", "420"}}),
                      "i386"));
  EXPECT_EQ(told_of(EventType::open, 3), succeeded("openat", opened(2, file, file, "read"), "i386"));
  EXPECT_EQ(told_of(EventType::open, 4), succeeded("openat2", opened(3, file, file, "read write"), "i386"));
  EXPECT_EQ(told_of(EventType::open, 5),
            failed("open", "ENOENT", refused(in("none"), in("none"), "read write"), "i386"));
  EXPECT_EQ(told_of(EventType::open, 6), succeeded("open", opened(5, file, file, "read")));
}
#endif

TEST_P(OpenTest, IsNotWatchedUnlessAsked) {
  run({EventType::unlink}, {call(SYS_openat, {num(AT_FDCWD), text("/dev/null"), num(O_RDONLY)})});
  EXPECT_EQ(count(EventType::open), 0U);
  EXPECT_EQ(sensor().counters().emitted[BONGSU_EVENT_open], 0U);
}

}  // namespace
}  // namespace bongsu::test
