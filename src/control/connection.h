// SPDX-License-Identifier: Apache-2.0
//
// One connection of the control server: reads a request's head, sends one answer, waits for the other side to close.
// Owns the socket, which never blocks; its time and its bytes are bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "control/request.h"

namespace bongsu {

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Answer = std::function<std::shared_ptr<const std::string>(const RequestHead& head)>;

  // From the connection to the end of the request's head; then as long again for what remains, and more for a scrape by
  // a slow line.
  static constexpr std::chrono::seconds kRequestTime{2};
  static constexpr std::chrono::seconds kAnswerTime{10};

  Connection(UniqueFd socket, Time now) : socket_(std::move(socket)), deadline_(now + kRequestTime) {}

  // Does what can be done without waiting. False: it is over.
  [[nodiscard]] bool advance(const Answer& answer, Time now);

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] short waits_for() const;  // POLLIN or POLLOUT
  [[nodiscard]] Time deadline() const { return deadline_; }
  [[nodiscard]] bool answered() const { return answer_ != nullptr && sent_ == answer_->size(); }

 private:
  [[nodiscard]] bool read(const Answer& answer, Time now);
  [[nodiscard]] bool write();
  [[nodiscard]] bool discard();

  UniqueFd socket_;
  Time deadline_;
  std::string head_;                           // at most kMaxRequestHeadBytes
  std::shared_ptr<const std::string> answer_;  // null: the request is not complete
  std::size_t sent_ = 0;
};

}  // namespace bongsu
