// SPDX-License-Identifier: Apache-2.0
#include "identity/proc_reader.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace bongsu {
namespace {

using namespace std::string_literals;

constexpr std::uint64_t kTickNs = 10'000'000;  // USER_HZ is 100 on every architecture that counts

class FakeProc : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(testing::TempDir()) / ("bongsu-proc-" + std::to_string(::getpid()));
    std::filesystem::create_directories(root_ / "42");
    write("42/stat", "42 (a) b) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 1000 200 18446744073709551615\n");
    write("42/cmdline", "sh\0-c\0echo hi\0\0"s);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / name, std::ios::binary) << text;
  }

  std::filesystem::path root_;
};

TEST_F(FakeProc, ReadsTheArgumentsOfTheRightProcess) {
  ProcfsReader reader(root_);
  std::string args;
  bool cut = true;
  EXPECT_TRUE(reader.arguments(42, 12345 * kTickNs + 9'999'999, 100, args, cut));
  EXPECT_EQ(args, "sh\0-c\0echo hi\0\0"s);
  EXPECT_FALSE(cut);
  EXPECT_TRUE(reader.arguments(42, 12345 * kTickNs, 6, args, cut));
  EXPECT_EQ(args, "sh\0-c\0"s);
  EXPECT_TRUE(cut);
}

TEST_F(FakeProc, RefusesAnotherProcessWithTheSamePid) {
  ProcfsReader reader(root_);
  std::string args = "old";
  bool cut = false;
  EXPECT_FALSE(reader.arguments(42, 12346 * kTickNs, 100, args, cut));
  EXPECT_EQ(args, "");
  EXPECT_FALSE(reader.arguments(43, 12345 * kTickNs, 100, args, cut));
  EXPECT_TRUE(reader.exists(42, 12345 * kTickNs));
  EXPECT_FALSE(reader.exists(42, 12344 * kTickNs));
  EXPECT_FALSE(reader.exists(43, 12345 * kTickNs));
}

TEST(StartTicks, AreFoundBehindAnyComm) {
  EXPECT_EQ(parse_start_ticks("1 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 0"), 777U);
  EXPECT_EQ(parse_start_ticks("1 (x) S 9) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 0"), 777U);
  EXPECT_EQ(parse_start_ticks("1 (x) S 1 2"), 0U);
  EXPECT_EQ(parse_start_ticks(""), 0U);
}

// The process with this pid, as /proc tells it.
std::uint64_t start_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  return parse_start_ticks(std::string(std::istreambuf_iterator<char>(in), {})) * kTickNs;
}

TEST(ProcfsReader, KnowsARealProcessWhileItLives) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  ProcfsReader reader("/proc");
  const std::uint64_t start = start_of(child);
  EXPECT_TRUE(reader.exists(static_cast<std::uint32_t>(child), start));
  std::string args;
  bool cut = false;
  EXPECT_TRUE(reader.arguments(static_cast<std::uint32_t>(child), start, 4096, args, cut));
  EXPECT_NE(args.find("unit_identity"), std::string::npos);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(reader.exists(static_cast<std::uint32_t>(child), start));
  EXPECT_FALSE(reader.arguments(static_cast<std::uint32_t>(child), start, 4096, args, cut));
}

// To hide it from whoever looks there: that is no sign of its end.
TEST(ProcfsReader, WhatIsMountedOverAProcessSaysNothingOfIt) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "mounting needs root";
  }
  const std::uint64_t start = start_of(::getpid());
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // in a mount namespace of its own
    const std::string directory = "/proc/" + std::to_string(::getppid());
    ProcfsReader reader("/proc");
    const auto parent = static_cast<std::uint32_t>(::getppid());
    bool good = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    good = good && ::mount("none", directory.c_str(), "tmpfs", 0, nullptr) == 0 && reader.exists(parent, start);
    good =
        good && ::mount("/proc/1", directory.c_str(), nullptr, MS_BIND, nullptr) == 0 && reader.exists(parent, start);
    good = good && ::mount("none", "/proc", "tmpfs", 0, nullptr) == 0 && reader.exists(parent, start);
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(HostFiles, AreOneLine) {
  const auto boot_id = read_boot_id("/proc");
  ASSERT_TRUE(boot_id.has_value());
  EXPECT_EQ(boot_id->size(), 36U);
  const auto host_name = read_host_name("/proc");
  ASSERT_TRUE(host_name.has_value());
  EXPECT_FALSE(host_name->empty());
  EXPECT_EQ(host_name->find('\n'), std::string::npos);
  const auto missing = read_boot_id("/nonexistent");
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().to_string().find("/nonexistent/sys/kernel/random/boot_id"), std::string::npos);
}

}  // namespace
}  // namespace bongsu
