// SPDX-License-Identifier: Apache-2.0
//
// Alerts as JSON, one a line, to a unix stream socket that somebody listens on. One counts as delivered when it has
// been read: whoever listens has to read on, and one that dies before that gets it again. What it read half of before
// the connection ended is no alert: the whole one comes with the next connection.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "sinks/channel.h"
#include "sinks/interrupter.h"
#include "sinks/socket_link.h"

namespace bongsu {

class SocketChannel final : public Channel {
 public:
  // The timeout is of one attempt altogether. Connects with the first alert.
  [[nodiscard]] static Result<std::unique_ptr<SocketChannel>> make(std::string path, std::chrono::nanoseconds timeout);

  [[nodiscard]] Attempt send(Alerts alerts) override;
  void interrupt() override { interrupter_->interrupt(); }

 private:
  SocketChannel(std::string path, std::chrono::nanoseconds timeout, std::unique_ptr<Interrupter> interrupter);

  [[nodiscard]] Status connect(SocketLink::Until until);
  [[nodiscard]] Attempt failed(const Error& error);

  const std::string path_;
  const std::chrono::nanoseconds timeout_;
  const std::unique_ptr<Interrupter> interrupter_;
  std::unique_ptr<SocketLink> link_;  // null: not connected
};

}  // namespace bongsu
