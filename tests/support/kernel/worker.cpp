// SPDX-License-Identifier: Apache-2.0
#include "support/kernel/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "support/kernel/child.h"

namespace bongsu::test {
namespace {

[[noreturn]] void serve(int socket, const std::function<void(int step)>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int step = 0;
  while (::recv(socket, &step, sizeof(step), 0) == sizeof(step)) {
    work(step);
    must(::send(socket, &step, sizeof(step), MSG_NOSIGNAL) == sizeof(step), "send");
  }
  ::_exit(0);
}

}  // namespace

Worker::Worker(const std::function<void(int step)>& work) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  socket_ = UniqueFd(ends[0]);
  const UniqueFd other(ends[1]);
  pid_ = ::fork();
  if (pid_ == 0) {
    socket_.reset();
    serve(other.get(), work);
  }
}

Worker::~Worker() { finish(); }

void Worker::start(int step) { ::send(socket_.get(), &step, sizeof(step), MSG_NOSIGNAL); }

bool Worker::done() {
  constexpr int kPatienceMs = 60'000;
  pollfd ready{socket_.get(), POLLIN, 0};
  int step = 0;
  return ::poll(&ready, 1, kPatienceMs) == 1 && ::recv(socket_.get(), &step, sizeof(step), 0) == sizeof(step);
}

void Worker::finish() {
  if (pid_ > 0) {
    socket_.reset();
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

void open_and_close(const char* path, int times) {
  for (int i = 0; i < times; ++i) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    must(fd >= 0 && ::close(fd) == 0, path);
  }
}

pid_t fork_and_wait(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  must(child > 0 && ::waitpid(child, &status, 0) == child && status == 0, "fork");
  return child;
}

}  // namespace bongsu::test
