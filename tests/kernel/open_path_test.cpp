// SPDX-License-Identifier: Apache-2.0
//
// open: file.path is the file that the kernel opened, whatever the argument says or said. Each case fails where the
// argument is told instead.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class OpenPathTest : public CallsTest {
 protected:
  static std::string openat(const std::string& path, int flags = O_RDONLY) {
    return call(SYS_openat, {num(AT_FDCWD), text(path), num(flags)});
  }
  // The n-th open was by `given` and gave `path`, which is also what /proc says of the descriptor that came of it.
  void expect_opened(std::size_t nth, const std::string& given, const std::string& path) {
    Fields open = told_of(EventType::open, nth);
    EXPECT_EQ(open["event.outcome"], "success");
    EXPECT_EQ(open["file.path"], path);
    EXPECT_EQ(open["file.path_given"], given);
    EXPECT_EQ(open["file.outside_mount_namespace"], "false");
    EXPECT_EQ(open.count("event.untrusted_argument"), 0U);
    EXPECT_EQ(descriptor(std::stoll(open["file.descriptor"])), path);
  }
};
BONGSU_BOTH_TRANSPORTS(OpenPathTest);

TEST_P(OpenPathTest, WhileAnotherThreadRewritesTheArgument) {
  constexpr std::size_t kCount = 3000;
  const std::string a = make_file("a");
  const std::string b = make_file("b");
  const std::string inode_of_a = std::to_string(file_id(a).inode);
  const std::string inode_of_b = std::to_string(file_id(b).inode);
  open({EventType::open});
  Child child({.args = {trigger("open_race"), "path", folder(), std::to_string(kCount)}});
  const std::uint32_t pid = child.pid();
  std::vector<std::string> really;
  really.reserve(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    really.push_back(child.line());
  }
  EXPECT_EQ(child.finish(), 0);
  ASSERT_NE(wait_for(EventType::open, pid, kCount), nullptr);
  const auto records = all(EventType::open, pid);
  ASSERT_EQ(records.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    Fields open = told(*records[i]);
    ASSERT_EQ(open["file.inode"], really[i]);
    ASSERT_TRUE(really[i] == inode_of_a || really[i] == inode_of_b) << really[i];
    ASSERT_EQ(open["file.path"], really[i] == inode_of_a ? a : b);
    ASSERT_EQ(open.count("event.untrusted_argument"), 0U);
  }
}

// The kernel waits in the open, so the arguments are surely others when it returns.
TEST_P(OpenPathTest, WhoseArgumentsWereRewrittenBeforeItReturned) {
  const std::string fifo = in("a");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  (void)make_file("b");
  open({EventType::open});
  Child child({.args = {trigger("open_race"), "blocked", folder()}});
  const std::uint32_t pid = child.pid();
  const std::string fd = child.line();
  EXPECT_EQ(child.finish(), 0);
  ASSERT_NE(wait_for(EventType::exit, pid), nullptr);
  std::vector<Fields> opens;
  const auto by_openat2 = [&] {
    opens.clear();
    for (const Record* record : all(EventType::open, pid)) {
      if (Fields open = told(*record); open["syscall.name"] == "openat2") {
        opens.push_back(open);
      }
    }
    return !opens.empty();
  };
  ASSERT_TRUE(poll_until(by_openat2));
  ASSERT_EQ(opens.size(), 1U);
  EXPECT_EQ(opens[0], succeeded("openat2", {{"file.path", fifo},
                                            {"file.name", "a"},
                                            {"file.path_given", in("b")},
                                            {"file.descriptor", fd},
                                            {"file.inode", std::to_string(file_id(fifo).inode)},
                                            {"file.open_flags", "read"},
                                            {"file.mode", "0"},
                                            {"file.type", "fifo"},
                                            {"file.outside_mount_namespace", "false"}}));
}

TEST_P(OpenPathTest, ThroughLinksAndDots) {
  std::filesystem::create_directory(in("sub"));
  const std::string file = make_file("file");
  ASSERT_EQ(::symlink("file", in("link").c_str()), 0);
  ASSERT_EQ(::symlink(folder().c_str(), in("sub/up").c_str()), 0);
  const std::string dots = folder() + "/sub/.././sub//../file";
  run({EventType::open}, {openat(in("link")), openat(in("sub/up/link")), openat(dots)});
  expect_opened(1, in("link"), file);
  expect_opened(2, in("sub/up/link"), file);
  expect_opened(3, dots, file);
}

TEST_P(OpenPathTest, ThroughProc) {
  const std::string file = make_file("file");
  run({EventType::open}, {openat("/proc/self/root" + file), openat("/proc/self/fd/" + std::to_string(0)), openat(file),
                          call(SYS_fchdir, {num(1000)}), openat("/proc/self/cwd/.")});
  expect_opened(1, "/proc/self/root" + file, file);
  EXPECT_EQ(told_of(EventType::open, 2)["file.type"], "fifo");  // the pipe that is its standard input: no path
  EXPECT_EQ(told_of(EventType::open, 2).count("file.path"), 0U);
  EXPECT_EQ(told_of(EventType::open, 2)["file.outside_mount_namespace"], "false");
  expect_opened(4, "/proc/self/cwd/.", std::filesystem::current_path());
}

TEST_P(OpenPathTest, FromADirectory) {
  std::filesystem::create_directory(in("sub"));
  const std::string file = make_file("sub/file");
  run({EventType::open},
      {openat(in("sub"), O_PATH | O_DIRECTORY), call(SYS_openat, {result_of(0), text("file"), num(O_RDONLY)}),
       call(SYS_openat, {result_of(0), text("../sub/file"), num(O_RDONLY)}),
       call(SYS_openat, {result_of(0), text("../none"), num(O_RDONLY)}), call(SYS_fchdir, {result_of(0)}),
       openat("file"), openat("none")});
  expect_opened(2, "file", file);
  expect_opened(3, "../sub/file", file);
  Fields none = told_of(EventType::open, 4);
  EXPECT_EQ(none["file.path"], in("sub") + "/../none");
  EXPECT_EQ(none["file.path_given"], "../none");
  EXPECT_EQ(none["event.untrusted_argument"], "true");
  expect_opened(5, "file", file);
  EXPECT_EQ(told_of(EventType::open, 6)["file.path"], in("sub/none"));
}

TEST_P(OpenPathTest, BelowADirectoryThatCountsAsTheRoot) {
  std::filesystem::create_directories(in("jail/etc"));
  const std::string file = make_file("jail/etc/passwd");
  ASSERT_EQ(::symlink("/etc/passwd", in("jail/link").c_str()), 0);
  const auto in_root = [](const std::string& path) {
    return call(SYS_openat2, {result_of(0), text(path), words({O_RDONLY, 0, RESOLVE_IN_ROOT}), num(24)});
  };
  run({EventType::open}, {openat(in("jail"), O_PATH | O_DIRECTORY), in_root("/etc/passwd"), in_root("link"),
                          in_root("../../etc/passwd"), in_root("/etc/shadow")});
  expect_opened(2, "/etc/passwd", file);
  expect_opened(3, "link", file);
  expect_opened(4, "../../etc/passwd", file);
  Fields none = told_of(EventType::open, 5);
  EXPECT_EQ(none["error.code"], "ENOENT");
  EXPECT_EQ(none["file.path"], in("jail") + "/etc/shadow");  // not the host's
  EXPECT_EQ(none["file.path_given"], "/etc/shadow");
  EXPECT_EQ(none["event.untrusted_argument"], "true");
}

TEST_P(OpenPathTest, AfterChrootCountsFromTheMountNamespace) {
  std::filesystem::create_directories(in("jail/etc"));
  EXPECT_FALSE(directory().copy_trigger("calls", "jail/calls").empty());
  const std::string file = make_file("jail/etc/passwd");
  run(
      {EventType::open}, {openat("/etc/passwd"), openat("etc/passwd"), openat("/etc/shadow"), openat("shadow")},
      [this] { must(::chroot(in("jail").c_str()) == 0 && ::chdir("/") == 0, "chroot"); }, "/calls");
  expect_opened(1, "/etc/passwd", file);
  expect_opened(2, "etc/passwd", file);
  EXPECT_EQ(told_of(EventType::open, 3)["file.path"], in("jail/etc/shadow"));
  EXPECT_EQ(told_of(EventType::open, 4)["file.path"], in("jail/shadow"));
}

TEST_P(OpenPathTest, OfAnotherMountNamespaceIsMarked) {
  const std::string file = make_file("file");
  // Its own file by that name, and through this process the one that everybody else sees.
  const std::string through = "/proc/" + std::to_string(::getpid()) + "/root" + file;
  run({EventType::open}, {openat(file), openat(through)}, [&] {
    own_mounts();
    must(::mount("none", folder().c_str(), "tmpfs", 0, nullptr) == 0, "mount a tmpfs");
    std::ofstream(file) << "another";
  });
  Fields own = told_of(EventType::open, 1);
  Fields other = told_of(EventType::open, 2);
  EXPECT_EQ(own["file.path"], file);
  EXPECT_EQ(own["file.outside_mount_namespace"], "false");
  EXPECT_EQ(other["file.path"], file);
  EXPECT_EQ(other["file.path_given"], through);
  EXPECT_EQ(other["file.outside_mount_namespace"], "true");
  EXPECT_EQ(other["file.inode"], std::to_string(file_id(file).inode));
  EXPECT_NE(own["file.inode"], other["file.inode"]);
}

TEST_P(OpenPathTest, OnAMountThatIsAttachedNowhere) {
  constexpr int kCreate = 6;  // FSCONFIG_CMD_CREATE of linux/mount.h
  run({EventType::open}, {call(SYS_fsopen, {text("tmpfs"), num(0)}),
                          call(SYS_fsconfig, {result_of(0), num(kCreate), num(0), num(0), num(0)}),
                          call(SYS_fsmount, {result_of(0), num(0), num(0)}),
                          call(SYS_openat, {result_of(2), text("passwd"), num(O_RDWR | O_CREAT), num(0600)})});
  ASSERT_GE(result(3), 0);
  Fields open = told_of(EventType::open);
  EXPECT_EQ(open["file.path"], "/passwd");
  EXPECT_EQ(open["file.outside_mount_namespace"], "true");
  EXPECT_EQ(open["file.open_flags"], "read write create created");
}

TEST_P(OpenPathTest, OfBytesThatAreNoText) {
  const std::string name = "new\nline \xff\xfe\x80\x1b[31m";
  const std::string file = make_file(name);
  run({EventType::open}, {openat(file), openat(file + "\xc3")});
  expect_opened(1, file, file);
  EXPECT_EQ(told_of(EventType::open, 1)["file.name"], name);
  EXPECT_EQ(told_of(EventType::open, 2)["file.path"], file + "\xc3");
}

TEST_P(OpenPathTest, OfTheLongestPath) {
  // 4095 bytes (PATH_MAX of linux/limits.h and no NUL) that lead to `file`, and as many that lead nowhere.
  const std::string file = make_file("file");
  const std::string name = "file";
  std::string dots = folder();
  while (dots.size() < BONGSU_PATH_BYTES - 1 - name.size()) {
    dots += '/';
  }
  std::string none = dots + "none";
  dots += name;
  std::string deep = folder();
  while (deep.size() + 201 + 1 < BONGSU_PATH_BYTES - 1) {
    deep += "/" + std::string(200, 'd');
  }
  std::filesystem::create_directories(deep);
  deep += "/" + std::string(BONGSU_PATH_BYTES - 1 - deep.size() - 1, 'f');
  ASSERT_EQ(deep.size(), std::size_t{BONGSU_PATH_BYTES - 1});
  std::ofstream(deep) << "deep";
  run({EventType::open}, {openat(dots), openat(none), openat(deep), openat(none + "1")});
  Fields open = told_of(EventType::open, 1);
  EXPECT_EQ(open["file.path"], file);
  EXPECT_EQ(open["file.path_given"], dots);
  EXPECT_EQ(told_of(EventType::open, 2)["file.path"], none);
  expect_opened(3, deep, deep);
  Fields longer = told_of(EventType::open, 4);  // the kernel takes no more, and neither do we
  EXPECT_EQ(longer["error.code"], "ENAMETOOLONG");
  EXPECT_EQ(longer["file.path"], none);
}

class OpenByHandleTest : public OpenPathTest {
 protected:
  // struct file_handle of a file, as words.
  static std::vector<std::uint64_t> handle_of(const std::string& path, int& mount_id) {
    std::vector<std::uint64_t> handle((sizeof(file_handle) + MAX_HANDLE_SZ + 7) / 8);
    auto* raw = reinterpret_cast<file_handle*>(handle.data());
    raw->handle_bytes = MAX_HANDLE_SZ;
    EXPECT_EQ(::name_to_handle_at(AT_FDCWD, path.c_str(), raw, &mount_id, 0), 0) << std::strerror(errno);
    return handle;
  }
  int mount_id_ = 0;
};
BONGSU_BOTH_TRANSPORTS(OpenByHandleTest);

TEST_P(OpenByHandleTest, TellsTheFile) {
  const std::string file = make_file("file");
  const auto handle = handle_of(file, mount_id_);
  run({EventType::open}, {openat(folder(), O_RDONLY),
                          call(SYS_open_by_handle_at, {result_of(0), words(handle), num(O_WRONLY | O_APPEND)})});
  EXPECT_EQ(descriptor(result(1)), file);
  EXPECT_EQ(told_of(EventType::open, 2),
            succeeded("open_by_handle_at", {{"file.path", file},
                                            {"file.name", "file"},
                                            {"file.descriptor", std::to_string(result(1))},
                                            {"file.inode", std::to_string(file_id(file).inode)},
                                            {"file.open_flags", "write append"},
                                            {"file.mode", "0"},
                                            {"file.type", "file"},
                                            {"file.outside_mount_namespace", "false"}}));
}

TEST_P(OpenByHandleTest, ThatFailsHasNoPath) {
  const std::string file = make_file("file");
  const auto handle = handle_of(file, mount_id_);
  std::filesystem::remove(file);
  run({EventType::open},
      {openat(folder(), O_RDONLY), call(SYS_open_by_handle_at, {result_of(0), words(handle), num(O_RDONLY)})});
  EXPECT_EQ(told_of(EventType::open, 2), failed("open_by_handle_at", "ESTALE",
                                                {{"file.inode", "0"},
                                                 {"file.open_flags", "read"},
                                                 {"file.mode", "0"},
                                                 {"file.outside_mount_namespace", "false"}}));
}

}  // namespace
}  // namespace bongsu::test
