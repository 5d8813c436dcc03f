// SPDX-License-Identifier: Apache-2.0
//
// One thread tells another, which waits in poll(), to stop, once and for good.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

class Interrupter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Interrupter>> make() {
    UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) {
      return fail_errno("eventfd", errno);
    }
    return std::unique_ptr<Interrupter>(new Interrupter(std::move(event)));
  }

  void interrupt() {
    const std::uint64_t one = 1;
    // It cannot fail: the counter is far from its end.
    [[maybe_unused]] const ssize_t wrote = ::write(event_.get(), &one, sizeof one);
  }

  [[nodiscard]] int fd() const { return event_.get(); }  // readable once interrupted
  [[nodiscard]] bool interrupted() const {
    pollfd ready{event_.get(), POLLIN, 0};
    return ::poll(&ready, 1, 0) > 0;
  }

 private:
  explicit Interrupter(UniqueFd event) : event_(std::move(event)) {}

  UniqueFd event_;
};

}  // namespace bongsu
