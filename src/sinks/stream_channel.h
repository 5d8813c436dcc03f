// SPDX-License-Identifier: Apache-2.0
//
// Alerts as lines to a file descriptor that belongs to somebody else: a pipe, a terminal, a file. It is neither closed
// nor switched to non-blocking, which would change it for every process that shares it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sinks/channel.h"

namespace bongsu {

class StreamChannel final : public Channel {
 public:
  enum class Form : std::uint8_t { json, text };

  // Borrows the descriptor.
  [[nodiscard]] static Result<std::unique_ptr<StreamChannel>> make(int fd, Form form);

  [[nodiscard]] Attempt send(Alerts alerts) override;
  void interrupt() override;

 private:
  StreamChannel(int fd, Form form, bool is_socket, UniqueFd wake);

  // The lines of `alerts` are in buffer_, from written_ on when an earlier attempt got that far.
  void load(Alerts alerts);
  [[nodiscard]] Attempt failed(int error_number);

  const int fd_;
  const Form form_;
  const bool is_socket_;
  const UniqueFd wake_;  // eventfd: readable once interrupted
  std::string id_;       // of the first alert in buffer_
  std::string buffer_;
  std::size_t written_ = 0;
};

}  // namespace bongsu
