// SPDX-License-Identifier: Apache-2.0
//
// io_uring: what is done without a system call of its own is told all the same. A watch on system calls alone would see
// none of it.

#include <memory>

#include "support/kernel/network.h"

namespace bongsu::test {
namespace {

class IoUringTest : public KernelTest {
 protected:
  // Makes the operations; the results are in results_. The child lives until the test's end.
  void run(std::vector<std::string> operations, std::initializer_list<EventType> events = {EventType::io_uring}) {
    open(events);
    operations.insert(operations.begin(), "uring");
    child_ = std::make_unique<Child>(
        ChildOptions{.args = std::move(operations), .program = trigger("uring"), .before_exec = [this] {
                       must(::chdir(directory_.path().c_str()) == 0, "chdir");
                       own_network();
                     }});
  }
  int result() {
    const std::string line = child_->line();
    return line.empty() ? -EIO : std::stoi(line);
  }
  Fields told_of(std::size_t nth) {
    const Record* found = wait_for(EventType::io_uring, child_->pid(), nth);
    return found == nullptr ? Fields{} : told(*found);
  }
  // All that follows from the record being one of io_uring's, and these.
  static Fields of(std::string_view operation, Fields fields) {
    fields.emplace("io_uring.operation", operation);
    fields.emplace("syscall.abi", "io_uring");
    fields.emplace("file.descriptor", "-1");
    if (const auto path = fields.find("file.path"); path != fields.end()) {
      fields.emplace("file.name", path->second.substr(path->second.rfind('/') + 1));
    }
    return fields;
  }
  [[nodiscard]] std::string in(const std::string& name) const { return directory_.path() + "/" + name; }
  void make_file(const std::string& name) const { (void)directory_.copy_trigger("hold", name); }

  TemporaryDirectory directory_;
  std::unique_ptr<Child> child_;
};
BONGSU_BOTH_TRANSPORTS(IoUringTest);

TEST_P(IoUringTest, FilesByName) {
  make_file("file");
  const std::string here = directory_.path();
  run({"open", "file",  "openat", here,        "file",   "openat2", in("absent"), "mkdir", "folder", "rename",
       "file", "other", "link",   in("other"), "second", "symlink", "../content", "sym",   "unlink", "other"});
  const std::array<int, 8> expected_signs = {1, 1, -1, 0, 0, 0, 0, 0};
  for (const int sign : expected_signs) {
    const int result = this->result();
    EXPECT_EQ(result > 0 ? 1 : result < 0 ? -1 : 0, sign) << result;
  }
  EXPECT_EQ(told_of(1), of("OPENAT", {{"file.path", in("file")}}));
  EXPECT_EQ(told_of(2), of("OPENAT", {{"file.path", in("file")}}));
  EXPECT_EQ(told_of(3), of("OPENAT2", {{"file.path", in("absent")}}));
  EXPECT_EQ(told_of(4), of("MKDIRAT", {{"file.path", in("folder")}}));
  EXPECT_EQ(told_of(5), of("RENAMEAT", {{"file.path", in("file")}, {"file.target_path", in("other")}}));
  EXPECT_EQ(told_of(6), of("LINKAT", {{"file.path", in("other")}, {"file.target_path", in("second")}}));
  EXPECT_EQ(told_of(7), of("SYMLINKAT", {{"file.path", in("sym")}, {"file.target_path", "../content"}}));
  EXPECT_EQ(told_of(8), of("UNLINKAT", {{"file.path", in("other")}}));
}

// The naive way, system calls alone, has nothing to tell of it.
TEST_P(IoUringTest, IsSeenByNoSystemCall) {
  make_file("file");
  run({"open", "file", "rename", "file", "other", "unlink", "other", "connect", "127.0.0.1", "9"},
      {EventType::io_uring, EventType::open, EventType::rename, EventType::unlink, EventType::connect});
  for (int i = 0; i < 4; ++i) {
    (void)result();
  }
  const std::uint32_t pid = child_->pid();
  EXPECT_EQ(child_->finish(), 0);
  ASSERT_NE(wait_for(EventType::io_uring, pid, 4), nullptr);
  ASSERT_NE(wait_for(EventType::exit, pid), nullptr);
  for (const Record* open : all(EventType::open, pid)) {
    EXPECT_NE(told(*open)["file.path"], in("file"));
  }
  EXPECT_TRUE(all(EventType::rename, pid).empty());
  EXPECT_TRUE(all(EventType::unlink, pid).empty());
  EXPECT_TRUE(all(EventType::connect, pid).empty());
}

TEST_P(IoUringTest, TheProcessIsToldAsItIs) {
  make_file("file");
  run({"open", "file"});
  (void)result();
  const Record* open = wait_for(EventType::io_uring, child_->pid());
  ASSERT_NE(open, nullptr);
  expect_task(*open, child_->pid(), facts_of(child_->pid()));
  EXPECT_EQ(open->header().call, BONGSU_CALL_NONE);
  EXPECT_EQ(open->as<bongsu_io_uring>().pad, 0U);
}

// The ring's polling thread submits: no thread of the process's own makes any call.
TEST_P(IoUringTest, ByThePollingThreadIsTheProcessAllTheSame) {
  make_file("file");
  run({"--sqpoll", "open", "file", "unlink", "file"});
  EXPECT_GT(result(), 0);
  EXPECT_EQ(result(), 0);
  const Record* open = wait_for(EventType::io_uring, child_->pid(), 1);
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(told(*open), of("OPENAT", {{"file.path", in("file")}}));
  EXPECT_EQ(told_of(2), of("UNLINKAT", {{"file.path", in("file")}}));
  expect_task(*open, child_->pid(), facts_of(child_->pid()));
}

TEST_P(IoUringTest, Connect) {
  run({"connect", "127.0.0.1", "9", "connect-unix", in("absent")});
  EXPECT_EQ(result(), -ECONNREFUSED);
  EXPECT_EQ(result(), -ENOENT);
  Fields inet = told_of(1);
  Fields local = told_of(2);
  // The kernel keeps its copy of the address from 6.12 on.
  EXPECT_EQ(inet.erase("event.untrusted_argument"), local.erase("event.untrusted_argument"));
  // and the descriptor from 5.19 on
  EXPECT_EQ(inet.erase("file.descriptor") + local.erase("file.descriptor"), 2U);
  Fields expected_inet = of("CONNECT", {{"socket.family", "AF_INET"},
                                        {"network.type", "ipv4"},
                                        {"destination.ip", "127.0.0.1"},
                                        {"destination.port", "9"}});
  Fields expected_local = of("CONNECT", {{"socket.family", "AF_UNIX"}, {"socket.path", in("absent")}});
  expected_inet.erase("file.descriptor");
  expected_local.erase("file.descriptor");
  EXPECT_EQ(inet, expected_inet);
  EXPECT_EQ(local, expected_local);
}

// Linux 5.19 or newer for socket and extended attributes, 6.12 for the rest: what an older one refuses is not told.
TEST_P(IoUringTest, WhatNewerKernelsCanDo) {
  make_file("file");
  run({"raw", "stream", "setxattr", "file", "fsetxattr", "file", "bind", "127.0.0.2", "7001", "listen", "ftruncate",
       "file", "unlink", "file"});
  std::vector<Fields> expected;
  const std::vector<Fields> all = {
      of("SOCKET", {{"socket.family", "AF_INET"}, {"socket.type", "SOCK_RAW"}}),
      {},  // an ordinary socket
      of("SETXATTR", {{"file.path", in("file")}}),
      of("FSETXATTR", {{"file.path", in("file")}}),
      of("BIND",
         {{"socket.family", "AF_INET"}, {"network.type", "ipv4"}, {"source.ip", "127.0.0.2"}, {"source.port", "7001"}}),
      of("LISTEN", {}),
      of("FTRUNCATE", {{"file.path", in("file")}}),
      of("UNLINKAT", {{"file.path", in("file")}}),
  };
  for (const Fields& fields : all) {
    if (result() != -EINVAL && !fields.empty()) {
      expected.push_back(fields);
    }
  }
  ASSERT_FALSE(expected.empty());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Fields found = told_of(i + 1);
    const std::string& operation = expected[i].at("io_uring.operation");
    if (operation != "SOCKET" && operation != "SETXATTR" && operation != "UNLINKAT") {
      EXPECT_NE(found["file.descriptor"], "-1") << operation;  // these are on one
      found["file.descriptor"] = "-1";
    }
    EXPECT_EQ(found, expected[i]);
  }
}

TEST_P(IoUringTest, OtherOperationsAreNotTold) {
  run({"nop", "stream"});
  (void)result();
  (void)result();
  const std::uint32_t pid = child_->pid();
  EXPECT_EQ(child_->finish(), 0);
  ASSERT_NE(wait_for(EventType::exit, pid), nullptr);
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_TRUE(all(EventType::io_uring, pid).empty());
}

}  // namespace
}  // namespace bongsu::test
