// SPDX-License-Identifier: Apache-2.0
#include "sinks/socket_channel.h"

#include <sys/un.h>

#include <cstring>
#include <utility>

namespace bongsu {

Result<std::unique_ptr<SocketChannel>> SocketChannel::make(std::string path, std::chrono::nanoseconds timeout) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(path + ": the path is too long for a socket");
  }
  auto interrupter = Interrupter::make();
  if (!interrupter) {
    return tl::make_unexpected(interrupter.error());
  }
  return std::unique_ptr<SocketChannel>(new SocketChannel(std::move(path), timeout, *std::move(interrupter)));
}

SocketChannel::SocketChannel(std::string path, std::chrono::nanoseconds timeout,
                             std::unique_ptr<Interrupter> interrupter)
    : path_(std::move(path)), timeout_(timeout), interrupter_(std::move(interrupter)) {}

Status SocketChannel::connect(SocketLink::Until until) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets' own way to pass addresses
  const auto& any = reinterpret_cast<const sockaddr&>(address);
  auto link = SocketLink::connect(any, sizeof address, SOCK_STREAM, *interrupter_, until);
  if (!link) {
    return tl::make_unexpected(link.error());
  }
  link_ = *std::move(link);
  return {};
}

Attempt SocketChannel::failed(const Error& error) {
  link_.reset();
  return Attempt::retry(error.message.empty() ? "" : path_ + ": " + error.message);
}

Attempt SocketChannel::send(Alerts alerts) {
  const SocketLink::Until until = std::chrono::steady_clock::now() + timeout_;
  if (link_ && link_->state() != SocketLink::State::open) {
    link_.reset();
  }
  if (!link_) {
    if (const Status connected = connect(until); !connected) {
      return failed(connected.error());
    }
  }
  std::string lines;
  for (const auto& alert : alerts) {
    lines += alert->json;
    lines += '\n';
  }
  if (const Status written = link_->write(lines, until); !written) {
    return failed(written.error());
  }
  const Status taken = link_->taken(until);
  return taken ? Attempt() : failed(taken.error());
}

}  // namespace bongsu
