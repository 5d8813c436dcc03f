// SPDX-License-Identifier: Apache-2.0
//
// read, write, close: by each call, with the file that the descriptor stands for.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class IoTest : public CallsTest {
 protected:
  static std::string open_call(const std::string& path, int flags) {
    return call(SYS_openat, {num(AT_FDCWD), text(path), num(flags)});
  }
  [[nodiscard]] Fields moved(const std::string& path, std::int64_t bytes) const {
    return {{"file.path", path},
            {"file.name", "file"},
            {"file.descriptor", std::to_string(result(0))},
            {"io.bytes", std::to_string(bytes)}};
  }
};
BONGSU_BOTH_TRANSPORTS(IoTest);

TEST_P(IoTest, ReadByEachCall) {
  const std::string file = make_file("file", "0123456789");
  run({EventType::read},
      {open_call(file, O_RDONLY), call(SYS_read, {result_of(0), buffer(64), num(4)}),
       call(SYS_pread64, {result_of(0), buffer(64), num(64), num(1)}),
       call(SYS_readv, {result_of(0), vector_of(64), num(1)}),
       call(SYS_preadv, {result_of(0), vector_of(64), num(1), num(2), num(0)}),
       call(SYS_preadv2, {result_of(0), vector_of(64), num(1), num(3), num(0), num(0)}),
       call(SYS_read, {result_of(0), buffer(64), num(64)}), call(SYS_read, {result_of(0), num(8), num(0)})});
  EXPECT_EQ(told_of(EventType::read, 1), succeeded("read", moved(file, 4)));
  EXPECT_EQ(told_of(EventType::read, 2), succeeded("pread64", moved(file, 9)));
  EXPECT_EQ(told_of(EventType::read, 3), succeeded("readv", moved(file, 6)));
  EXPECT_EQ(told_of(EventType::read, 4), succeeded("preadv", moved(file, 8)));
  EXPECT_EQ(told_of(EventType::read, 5), succeeded("preadv2", moved(file, 7)));
  EXPECT_EQ(told_of(EventType::read, 6), succeeded("read", moved(file, 0)));  // at the end
}

TEST_P(IoTest, WriteByEachCall) {
  const std::string file = make_file("file");
  run({EventType::write}, {open_call(file, O_WRONLY), call(SYS_write, {result_of(0), buffer(64), num(64)}),
                           call(SYS_pwrite64, {result_of(0), buffer(8), num(8), num(1)}),
                           call(SYS_writev, {result_of(0), vector_of(7), num(1)}),
                           call(SYS_pwritev, {result_of(0), vector_of(6), num(1), num(2), num(0)}),
                           call(SYS_pwritev2, {result_of(0), vector_of(5), num(1), num(3), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::write, 1), succeeded("write", moved(file, 64)));
  EXPECT_EQ(told_of(EventType::write, 2), succeeded("pwrite64", moved(file, 8)));
  EXPECT_EQ(told_of(EventType::write, 3), succeeded("writev", moved(file, 7)));
  EXPECT_EQ(told_of(EventType::write, 4), succeeded("pwritev", moved(file, 6)));
  EXPECT_EQ(told_of(EventType::write, 5), succeeded("pwritev2", moved(file, 5)));
}

TEST_P(IoTest, ThatFails) {
  const std::string file = make_file("file");
  run({EventType::read, EventType::write, EventType::close},
      {open_call(file, O_RDONLY), call(SYS_write, {result_of(0), buffer(8), num(8)}),
       call(SYS_read, {num(1000), buffer(8), num(8)}), call(SYS_close, {num(1000)})});
  EXPECT_EQ(told_of(EventType::write), failed("write", "EBADF", moved(file, 0)));  // it was not opened for that
  EXPECT_EQ(told_of(EventType::read), failed("read", "EBADF", {{"file.descriptor", "1000"}, {"io.bytes", "0"}}));
  EXPECT_EQ(told_of(EventType::close),
            failed("close", "EBADF", {{"file.descriptor", "1000"}, {"file.last_descriptor", "1000"}}));
  EXPECT_EQ(record(EventType::close)->header().error, EBADF);
}

// The file may have got another name since it was opened, or lost it.
TEST_P(IoTest, TellsTheFilesNameOfNow) {
  const std::string file = make_file("file");
  run({EventType::write}, {open_call(file, O_WRONLY),
                           call(SYS_renameat2, {num(AT_FDCWD), text(file), num(AT_FDCWD), text(in("new")), num(0)}),
                           call(SYS_write, {result_of(0), buffer(8), num(8)})});
  EXPECT_EQ(told_of(EventType::write)["file.path"], in("new"));
}

TEST_P(IoTest, OfWhatIsNoFile) {
  run({EventType::write}, {call(SYS_eventfd2, {num(0), num(0)}), call(SYS_write, {result_of(0), words({1}), num(8)})});
  EXPECT_EQ(told_of(EventType::write), succeeded("write", {{"file.path", "[eventfd]"},
                                                           {"file.name", "[eventfd]"},
                                                           {"file.descriptor", std::to_string(result(0))},
                                                           {"io.bytes", "8"}}));
  // A pipe has no name: the results that the trigger said.
  Fields pipe = told_of(EventType::write, 2);
  EXPECT_EQ(pipe["file.descriptor"], "1");
  EXPECT_EQ(pipe.count("file.path"), 0U);
}

TEST_P(IoTest, Close) {
  run({EventType::close}, {open_call("/dev/null", O_RDONLY), call(SYS_close, {result_of(0)}),
                           call(SYS_close_range, {num(100), num(0xffffffff), num(0)}),
                           call(SYS_close_range, {num(100), num(200), num(CLOSE_RANGE_CLOEXEC)}),  // which closes none
                           call(SYS_close_range, {num(200), num(100), num(0)})});
  const std::string fd = std::to_string(result(0));
  EXPECT_EQ(told_of(EventType::close, 1), succeeded("close", {{"file.descriptor", fd}, {"file.last_descriptor", fd}}));
  EXPECT_EQ(told_of(EventType::close, 2),
            succeeded("close_range", {{"file.descriptor", "100"}, {"file.last_descriptor", "4294967295"}}));
  EXPECT_EQ(told_of(EventType::close, 3),
            failed("close_range", "EINVAL", {{"file.descriptor", "200"}, {"file.last_descriptor", "100"}}));
  EXPECT_EQ(count(EventType::close), 3U);
}

#if defined(__x86_64__)
// arch/x86/entry/syscalls/syscall_32.tbl
TEST_P(IoTest, By32BitCallsOfA64BitProgram) {
  const std::string file = make_file("file", "0123456789");
  run({EventType::read, EventType::write, EventType::close},
      {open_call(file, O_RDWR), call32(3, {result_of(0), buffer(64), num(4)}),
       call32(145, {result_of(0), vector_of(64), num(1)}), call32(4, {result_of(0), buffer(8), num(8)}),
       call32(146, {result_of(0), vector_of(7), num(1)}),
       call32(180, {result_of(0), buffer(64), num(5), num(0), num(0)}),
       call32(181, {result_of(0), buffer(64), num(3), num(0), num(0)}),
       call32(333, {result_of(0), vector_of(2), num(1), num(0), num(0)}),
       call32(334, {result_of(0), vector_of(1), num(1), num(0), num(0)}), call32(6, {result_of(0)})});
  EXPECT_EQ(told_of(EventType::read, 1), succeeded("read", moved(file, 4), "i386"));
  EXPECT_EQ(told_of(EventType::read, 2), succeeded("readv", moved(file, 6), "i386"));
  EXPECT_EQ(told_of(EventType::read, 3), succeeded("pread64", moved(file, 5), "i386"));
  EXPECT_EQ(told_of(EventType::read, 4), succeeded("preadv", moved(file, 2), "i386"));
  EXPECT_EQ(told_of(EventType::write, 1), succeeded("write", moved(file, 8), "i386"));
  EXPECT_EQ(told_of(EventType::write, 2), succeeded("writev", moved(file, 7), "i386"));
  EXPECT_EQ(told_of(EventType::write, 3), succeeded("pwrite64", moved(file, 3), "i386"));
  EXPECT_EQ(told_of(EventType::write, 4), succeeded("pwritev", moved(file, 1), "i386"));
  const std::string fd = std::to_string(result(0));
  EXPECT_EQ(told_of(EventType::close),
            succeeded("close", {{"file.descriptor", fd}, {"file.last_descriptor", fd}}, "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
