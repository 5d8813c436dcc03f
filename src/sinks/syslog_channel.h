// SPDX-License-Identifier: Apache-2.0
//
// Alerts to a syslog server (RFC 5424): by UDP (RFC 5426), TCP with octet counting (RFC 6587, 3.4.1) or TLS (RFC 5425).
//
// Syslog knows no acknowledgement.
//  - UDP: delivered is what was sent. That nobody listens is noticed where the other side's kernel says so.
//  - TCP, TLS: delivered is what the other side's kernel has. A server that dies with data it has not read resets the
//    connection, and what went over it last is sent once more; what it had read and not yet stored is lost. A machine
//    that loses power is the same without the reset.
// So use a webhook where nothing may be lost.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/syslog_address.h"
#include "http/resolver.h"
#include "sinks/channel.h"
#include "sinks/failure_log.h"
#include "sinks/interrupter.h"
#include "sinks/socket_link.h"
#include "sinks/tls_link.h"

namespace bongsu {

class SyslogChannel final : public Channel {
 public:
  struct Options {
    std::string name;  // in the log
    SyslogAddress address;
    std::uint8_t facility = 13;  // RFC 5424, 6.2.1
    TlsSetup::Options tls;
    std::chrono::nanoseconds timeout = std::chrono::seconds(10);  // of one attempt altogether
    FailureLog::Write log = FailureLog::to_log;
  };
  // Fails when a file of TLS cannot be used. Borrows the clock. Connects with the first alert.
  [[nodiscard]] static Result<std::unique_ptr<SyslogChannel>> make(Options options, const Clock& clock);

  // By UDP, an alert that no datagram holds goes with its message in words in place of its JSON, which the log says.
  [[nodiscard]] Attempt send(Alerts alerts) override;
  void interrupt() override;

 private:
  // Of what was sent last over one connection; see send_stream().
  static constexpr std::size_t kMostRecentBytes = std::size_t{1} << 20;

  SyslogChannel(Options options, std::unique_ptr<TlsSetup> tls, std::unique_ptr<Interrupter> interrupter,
                const Clock& clock);

  [[nodiscard]] Status connect(SocketLink::Until until);
  [[nodiscard]] Result<std::unique_ptr<SocketLink>> connect_to(const std::string& address, SocketLink::Until until);
  [[nodiscard]] Attempt send_stream(Alerts alerts, SocketLink::Until until);
  [[nodiscard]] Attempt send_datagrams(Alerts alerts, SocketLink::Until until);
  [[nodiscard]] Status send_datagram(const std::string& datagram, SocketLink::Until until, bool& too_long);
  [[nodiscard]] Attempt failed(const Error& error);
  void remember(std::string frames);

  const Options options_;
  const std::string where_;  // for messages
  const std::string process_id_;
  const std::unique_ptr<TlsSetup> tls_;  // null: without TLS
  const std::unique_ptr<Interrupter> interrupter_;
  Resolver resolver_;
  FailureLog cut_;
  static constexpr std::chrono::minutes kLookUpAgain{1};  // of UDP: the address behind the name
  std::chrono::steady_clock::time_point connected_;
  std::unique_ptr<SocketLink> link_;  // null: not connected
  std::deque<std::string> recent_;    // over link_ or the one before it, the oldest first
  std::size_t recent_bytes_ = 0;
  bool again_ = false;  // recent_ is to be sent once more
};

}  // namespace bongsu
