// SPDX-License-Identifier: Apache-2.0
#include "support/kernel/child.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace bongsu::test {
namespace {

constexpr int kPatienceMs = 10'000;

[[noreturn]] void give_up(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

std::string trigger(std::string_view name) { return std::string(BONGSU_TRIGGERS_DIR "/").append(name); }

std::uint64_t boot_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

void must(bool done, const char* what) {
  if (!done) {
    std::perror(what);
    ::_exit(124);
  }
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Child::Child(const ChildOptions& options) {
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  if (options.terminal) {
    std::array<char, 64> name{};
    if (::openpty(in.data() + 1, in.data(), name.data(), nullptr, nullptr) != 0) {
      give_up("openpty");
    }
    terminal_ = name.data();
    out = {::dup(in[1]), ::dup(in[0])};
    for (const int fd : {in[0], in[1], out[0], out[1]}) {
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
  } else if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
    give_up("pipe2");
  }
  UniqueFd child_in(in[0]);
  UniqueFd child_out(out[1]);
  in_.reset(in[1]);
  out_.reset(out[0]);
  before_ns_ = boot_ns();
  pid_ = ::fork();
  if (pid_ < 0) {
    give_up("fork");
  }
  if (pid_ == 0) {
    run(options, child_in.get(), child_out.get());
  }
}

void Child::run(const ChildOptions& options, int in, int out) {
  if (options.terminal) {
    must(::login_tty(in) == 0, "login_tty");
  } else {
    must(::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0, "dup2");
  }
  if (options.before_exec) {
    options.before_exec();
  }
  std::vector<std::string> copy = options.args;
  std::vector<char*> args;
  args.reserve(copy.size() + 1);
  for (std::string& arg : copy) {
    args.push_back(arg.data());
  }
  args.push_back(nullptr);
  const std::string& program = options.program.empty() ? options.args.front() : options.program;
  ::execv(program.c_str(), args.data());
  must(false, program.c_str());
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

std::string Child::line() {
  std::string text;
  char byte = 0;
  for (;;) {
    pollfd ready{out_.get(), POLLIN, 0};
    if (::poll(&ready, 1, kPatienceMs) <= 0 || ::read(out_.get(), &byte, 1) != 1 || byte == '\n') {
      break;
    }
    if (byte != '\r') {  // a terminal's
      text += byte;
    }
  }
  return text;
}

int Child::finish() {
  if (!terminal_.empty()) {  // no end of file while somebody has the other side open: the terminal's own way to say it
    constexpr char kEndOfTransmission = 4;
    (void)!::write(in_.get(), &kEndOfTransmission, 1);
  }
  in_.reset();
  int status = -1;
  for (int waited_ms = 0; ::waitpid(pid_, &status, WNOHANG) == 0; ++waited_ms) {
    if (waited_ms > kPatienceMs * 30) {
      throw std::runtime_error("the child does not end");
    }
    ::usleep(1000);
  }
  pid_ = -1;
  return status;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string path = std::filesystem::temp_directory_path() / "bongsu-test-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    give_up("mkdtemp");
  }
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  path_ = std::filesystem::canonical(path);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string TemporaryDirectory::copy_trigger(std::string_view name, const std::string& as) const {
  const std::string to = path_ + "/" + as;
  std::filesystem::copy_file(trigger(name), to);
  std::filesystem::permissions(to, std::filesystem::perms(0755));
  return to;
}

}  // namespace bongsu::test
