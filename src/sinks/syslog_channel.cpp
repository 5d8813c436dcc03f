// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog_channel.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sinks/syslog_message.h"

namespace bongsu {
namespace {

using Transport = SyslogAddress::Transport;
using Now = std::chrono::steady_clock;
using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// Of a numeric address: asks nobody.
AddressList socket_address(const std::string& address, std::uint16_t port, int type) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = type;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const bool ok = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) == 0;
  return {ok ? found : nullptr, ::freeaddrinfo};
}

}  // namespace

Result<std::unique_ptr<SyslogChannel>> SyslogChannel::make(Options options, const Clock& clock) {
  std::unique_ptr<TlsSetup> tls;
  if (options.address.transport == Transport::tls) {
    auto client = TlsSetup::make(options.tls);
    if (!client) {
      return tl::make_unexpected(client.error());
    }
    tls = *std::move(client);
  }
  auto interrupter = Interrupter::make();
  if (!interrupter) {
    return tl::make_unexpected(interrupter.error());
  }
  return std::unique_ptr<SyslogChannel>(
      new SyslogChannel(std::move(options), std::move(tls), *std::move(interrupter), clock));
}

SyslogChannel::SyslogChannel(Options options, std::unique_ptr<TlsSetup> tls, std::unique_ptr<Interrupter> interrupter,
                             const Clock& clock)
    : options_(std::move(options)),
      where_(options_.address.host + ":" + std::to_string(options_.address.port)),
      process_id_(std::to_string(::getpid())),
      tls_(std::move(tls)),
      interrupter_(std::move(interrupter)),
      resolver_(options_.address.host),
      cut_(options_.name, clock, options_.log) {}

void SyslogChannel::interrupt() {
  resolver_.interrupt();
  interrupter_->interrupt();
}

Attempt SyslogChannel::send(Alerts alerts) {
  const SocketLink::Until until = Now::now() + options_.timeout;
  return options_.address.transport == Transport::udp ? send_datagrams(alerts, until) : send_stream(alerts, until);
}

Attempt SyslogChannel::failed(const Error& error) {
  link_.reset();
  return Attempt::retry(error.message.empty() ? "" : where_ + ": " + error.message);
}

Status SyslogChannel::connect(SocketLink::Until until) {
  const auto addresses = resolver_.resolve(until - Now::now());
  if (!addresses) {
    return fail(interrupter_->interrupted() ? "" : "it cannot be found: " + addresses.error().message);
  }
  Error last;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    // An address that does not answer must leave time for the others.
    const auto share = (until - Now::now()) / static_cast<std::int64_t>(addresses->size() - i);
    auto link = connect_to((*addresses)[i], Now::now() + share);
    if (link) {
      link_ = *std::move(link);
      connected_ = Now::now();
      return {};
    }
    last = link.error();
    if (last.message.empty()) {
      break;  // interrupted
    }
  }
  return tl::make_unexpected(last);
}

Result<std::unique_ptr<SocketLink>> SyslogChannel::connect_to(const std::string& address, SocketLink::Until until) {
  const int type = options_.address.transport == Transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  const AddressList to = socket_address(address, options_.address.port, type);
  if (!to) {
    return fail("no valid address");
  }
  auto link = SocketLink::connect(*to->ai_addr, to->ai_addrlen, type, *interrupter_, until);
  if (!link || !tls_) {
    return link;
  }
  return tls_->start(**link, options_.address.host, until);
}

void SyslogChannel::remember(std::string frames) {
  recent_bytes_ += frames.size();
  recent_.push_back(std::move(frames));
  while (recent_bytes_ > kMostRecentBytes) {
    recent_bytes_ -= recent_.front().size();
    recent_.pop_front();
  }
}

Attempt SyslogChannel::send_stream(Alerts alerts, SocketLink::Until until) {
  if (link_) {
    const SocketLink::State state = link_->state();
    again_ = again_ || state == SocketLink::State::broken;
    if (state != SocketLink::State::open) {
      link_.reset();
    }
  }
  if (!link_) {
    if (const Status connected = connect(until); !connected) {
      return failed(connected.error());
    }
    if (!again_) {
      recent_.clear();
      recent_bytes_ = 0;
    }
  }
  std::string frames;
  for (const auto& alert : alerts) {
    const SyslogMessage message = syslog_message(*alert, options_.facility, process_id_);
    frames += std::to_string(message.head.size() + alert->json.size());
    frames += ' ';
    frames += message.head;
    frames += alert->json;
  }
  Status sent;
  for (auto earlier = recent_.begin(); again_ && sent && earlier != recent_.end(); ++earlier) {
    sent = link_->write(*earlier, until);
  }
  sent = sent ? link_->write(frames, until) : sent;
  sent = sent ? link_->taken(until) : sent;
  // Reset right after: then whoever reset it has not read all of this.
  if (sent && link_->state() == SocketLink::State::broken) {
    sent = fail("it broke the connection");
  }
  if (!sent) {
    again_ = again_ || !sent.error().message.empty();
    return failed(sent.error());
  }
  again_ = false;
  remember(std::move(frames));
  return {};
}

Status SyslogChannel::send_datagram(const std::string& datagram, SocketLink::Until until, bool& too_long) {
  while (::send(link_->fd(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno == EMSGSIZE) {
      too_long = true;
      return {};
    }
    if (errno != EAGAIN && errno != EINTR) {
      return fail(std::generic_category().message(errno));
    }
    if (Status writable = link_->wait(POLLOUT, until); !writable) {
      return writable;
    }
  }
  too_long = false;
  return {};
}

Attempt SyslogChannel::send_datagrams(Alerts alerts, SocketLink::Until until) {
  // Nothing that it sends tells whether the name has moved.
  if (!link_ || Now::now() - connected_ > kLookUpAgain) {
    if (const Status connected = connect(until); !connected && !link_) {
      return failed(connected.error());
    }
  }
  Attempt attempt;
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    const Alert& alert = *alerts[i];
    const SyslogMessage message = syslog_message(alert, options_.facility, process_id_);
    bool too_long = false;
    Status sent = send_datagram(message.head + alert.json, until, too_long);
    if (sent && too_long) {
      cut_.failed("an alert that is too long for UDP went without its JSON");
      sent = send_datagram(message.head + message.summary, until, too_long);
    }
    if (!sent) {
      return failed(sent.error());
    }
    if (too_long) {
      attempt.refused.push_back({i, false, "too long for UDP"});
    }
  }
  // Where nobody listens, the other side's kernel says so: at once on this machine, later from another.
  if (link_->state() == SocketLink::State::broken) {
    return failed({"nobody listens there", ""});
  }
  return attempt;
}

}  // namespace bongsu
