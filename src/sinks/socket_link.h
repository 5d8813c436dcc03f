// SPDX-License-Identifier: Apache-2.0
//
// A connected socket that bytes only go out on: every wait has a deadline and another thread can end it. Owns the
// socket, borrows the interrupter. One thread.
//
// Such a connection has no acknowledgement of what was written. taken() is the nearest to it: of TCP, the other side's
// kernel has it all; of a unix socket, its reader has read it all (Linux counts a packet until it is freed).
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sinks/interrupter.h"

namespace bongsu {

// Errors of a link are what went wrong, in few words; of an interrupted one they are empty.
class SocketLink {
 public:
  using Until = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { open, closed, broken };

  // Of any family and kind.
  [[nodiscard]] static Result<std::unique_ptr<SocketLink>> connect(const sockaddr& address, socklen_t size, int type,
                                                                   const Interrupter& interrupter, Until until);
  SocketLink(UniqueFd socket, const Interrupter& interrupter) : socket_(std::move(socket)), interrupter_(interrupter) {}
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;
  virtual ~SocketLink() = default;

  // All of it. Where it fails, nobody knows how much arrived: the link is of no further use.
  [[nodiscard]] virtual Status write(std::string_view bytes, Until until);

  // `closed`: the other side closed it in good order, so whatever taken() saw gone has been read. `broken`: what was
  // last sent may not have been. Drops what the other side said.
  [[nodiscard]] virtual State state();

  // Waits until nothing that was written is on its way any more.
  [[nodiscard]] Status taken(Until until);

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] UniqueFd release() { return std::move(socket_); }
  [[nodiscard]] const Interrupter& interrupter() const { return interrupter_; }

  // For one of poll()'s events. Error: broken off, interrupted, or not in time.
  [[nodiscard]] Status wait(short events, Until until);

 private:
  UniqueFd socket_;
  const Interrupter& interrupter_;
};

}  // namespace bongsu
