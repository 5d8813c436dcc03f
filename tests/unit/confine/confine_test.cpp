// SPDX-License-Identifier: Apache-2.0
//
// What cannot be undone is done in a child process, which tells the rest by its exit code.
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"
#include "confine/calls.h"
#include "confine/capabilities.h"

namespace bongsu {
namespace {

// Whether `holds` is true in a child.
testing::AssertionResult in_child(const std::function<bool()>& holds) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(holds() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? testing::AssertionSuccess()
                                                       : testing::AssertionFailure() << "status " << status;
}

// "CapEff" of /proc/self/status
std::string status_of(std::string_view key) {
  std::ifstream file("/proc/thread-self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key) && line[key.size()] == ':') {
      return line.substr(line.find_last_of(" \t") + 1);
    }
  }
  return {};
}

std::uint64_t capabilities(std::string_view set) { return std::stoull(status_of(set), nullptr, 16); }

constexpr std::uint64_t bit(int capability) { return std::uint64_t{1} << capability; }
constexpr int kDacReadSearch = 2;  // include/uapi/linux/capability.h
constexpr int kSysPtrace = 19;
constexpr int kSysAdmin = 21;
constexpr int kPerfmon = 38;
constexpr int kBpf = 39;
constexpr std::uint64_t kMayKeep = bit(kDacReadSearch) | bit(kSysPtrace) | bit(kPerfmon) | bit(kBpf);

TEST(Capabilities, OnlyWhatIsNeededIsLeftInEverySet) {
  const std::uint64_t before = capabilities("CapPrm");
  EXPECT_TRUE(in_child([&] {
    const auto kept = keep_needed_capabilities({});
    return kept && capabilities("CapPrm") == (before & kMayKeep) && capabilities("CapEff") == (before & kMayKeep) &&
           capabilities("CapInh") == 0 && capabilities("CapAmb") == 0 && status_of("NoNewPrivs") == "1" &&
           ::prctl(PR_GET_DUMPABLE) == 0;
  }));
  if ((before & bit(kSysAdmin)) != 0) {
    EXPECT_TRUE(in_child([&] {
      return keep_needed_capabilities({}) && (capabilities("CapBnd") & ~kMayKeep) == 0 && ::unshare(CLONE_NEWNS) != 0 &&
             errno == EPERM;
    }));
  }
}

// As an older runtime gives it: SYS_ADMIN stands for BPF and PERFMON.
TEST(Capabilities, WithoutThoseOfBpfTheOneOfOldIsKept) {
  if ((capabilities("CapPrm") & bit(kSysAdmin)) == 0) {
    GTEST_SKIP() << "needs root";
  }
  EXPECT_TRUE(in_child([] {
    const std::uint64_t old = bit(kSysAdmin) | bit(kDacReadSearch);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> sets{};
    sets[0] = {.effective = static_cast<__u32>(old), .permitted = static_cast<__u32>(old), .inheritable = 0};
    return ::syscall(SYS_capset, &header, sets.data()) == 0 && keep_needed_capabilities({}) &&
           capabilities("CapEff") == old;
  }));
}

TEST(Capabilities, WhatIsAskedForIsKept) {
  constexpr int kDacOverride = 1;
  constexpr int kNetBindService = 10;
  constexpr int kIpcLock = 14;
  const std::uint64_t asked = (bit(kDacOverride) | bit(kNetBindService) | bit(kIpcLock)) & capabilities("CapPrm");
  EXPECT_TRUE(in_child([&] {
    return keep_needed_capabilities({.locked_memory = true, .low_port = true, .writes_files = true}) &&
           (capabilities("CapEff") & ~kMayKeep) == asked;
  }));
}

TEST(Capabilities, ThreadsMadeLaterHaveNoMore) {
  EXPECT_TRUE(in_child([] {
    const bool kept = keep_needed_capabilities({}).has_value();
    std::uint64_t has = ~std::uint64_t{0};
    std::thread([&has] { has = capabilities("CapEff"); }).join();
    return kept && (has & ~kMayKeep) == 0;
  }));
}

TEST(Capabilities, TheTextSaysWhatIsKept) {
  const bool has_bpf = (capabilities("CapPrm") & bit(kBpf)) != 0;
  EXPECT_TRUE(in_child([&] {
    const auto kept = keep_needed_capabilities({});
    return kept && (kept->find("cap_bpf") != std::string::npos) == has_bpf &&
           kept->find("cap_sys_admin") == std::string::npos;
  }));
}

bool refused(long result) { return result == -1 && errno == ENOSYS; }

TEST(Calls, WhatAMonitorNeverDoesIsRefused) {
  EXPECT_TRUE(in_child([] {
    if (!allow_only_needed_calls() || status_of("Seccomp") != "2" || status_of("NoNewPrivs") != "1") {
      return false;
    }
    std::array<char*, 1> none = {nullptr};
    char program[] = "/bin/true";
    return refused(::execve(program, none.data(), none.data())) && refused(::syscall(SYS_clone3, nullptr, 0)) &&
           refused(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) &&
           refused(::syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0)) && refused(::kill(::getppid(), 0)) &&
           refused(::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0)) &&
           refused(::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr)) && refused(::unshare(CLONE_NEWNS)) &&
           refused(::syscall(SYS_setns, 0, 0)) && refused(::socket(AF_PACKET, SOCK_RAW, 0)) &&
           refused(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1)) &&
           refused(::syscall(SYS_bpf, BPF_MAP_GET_FD_BY_ID, nullptr, 0)) &&
           refused(::syscall(SYS_bpf, BPF_LINK_DETACH, nullptr, 0)) &&
           refused(::syscall(SYS_io_uring_setup, 1, nullptr)) && refused(::prctl(PR_SET_DUMPABLE, 1));
  }));
}

TEST(Calls, WhatItDoesGoesOn) {
  EXPECT_TRUE(in_child([] {
    if (!allow_only_needed_calls()) {
      return false;
    }
    bool ran = false;
    std::thread([&ran] { ran = true; }).join();
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const long bpf = ::syscall(SYS_bpf, BPF_MAP_CREATE, nullptr, 0);  // asked the kernel, which finds it wrong
    return ran && socket && bpf == -1 && errno != ENOSYS && std::ifstream("/proc/self/stat").good();
  }));
}

TEST(Calls, ThreadsThatAreThereAlreadyAreHeldToIt) {
  EXPECT_TRUE(in_child([] {
    std::atomic<bool> confined = false;
    bool held = false;
    std::thread before([&] {
      confined.wait(false);
      held = status_of("Seccomp") == "2" && refused(::kill(::getppid(), 0));
    });
    const bool allowed = allow_only_needed_calls().has_value();
    confined = true;
    confined.notify_all();
    before.join();
    return allowed && held;
  }));
}

TEST(Calls, AnAbortIsStillAnAbort) {
  const pid_t child = ::fork();
  if (child == 0) {
    (void)allow_only_needed_calls();
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
}

}  // namespace
}  // namespace bongsu
