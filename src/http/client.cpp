// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <sys/socket.h>

#include "http/guarded_stream.h"
#include "http/tunnel.h"

namespace bongsu {
namespace {

std::chrono::milliseconds time_of(time_t seconds, time_t microseconds) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::seconds(seconds) +
                                                      std::chrono::microseconds(microseconds));
}

bool exchange_through(GuardedStream& stream, const std::function<bool(httplib::Stream&)>& callback,
                      Exchange& exchange) {
  const bool done = callback(stream);
  exchange.took_all = stream.took_all();
  return done;
}

}  // namespace

bool PlainClient::process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) {
  const int descriptor = socket.sock;  // the callback may close the socket and forget it
  GuardedStream stream(descriptor, nullptr, time_of(read_timeout_sec_, read_timeout_usec_),
                       time_of(write_timeout_sec_, write_timeout_usec_));
  const bool done = exchange_through(stream, callback, exchange_);
  if (socket.is_open() && !stream.reusable()) {
    ::shutdown(descriptor, SHUT_RDWR);
  }
  return done;
}

bool TlsClient::process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) {
  const int descriptor = socket.sock;
  GuardedStream stream(descriptor, socket.ssl, time_of(read_timeout_sec_, read_timeout_usec_),
                       time_of(write_timeout_sec_, write_timeout_usec_));
  const bool done = exchange_through(stream, callback, exchange_);
  if (socket.is_open() && (!stream.reusable() || SSL_pending(socket.ssl) > 0)) {
    ::shutdown(descriptor, SHUT_RDWR);
  }
  return done;
}

void TlsClient::set_tunnel(const std::string& address, const HttpProxy& proxy, std::chrono::nanoseconds timeout) {
  tunnel_ = {.address = address, .proxy = proxy, .timeout = timeout};
}

bool TlsClient::connect(Socket& socket, httplib::Error& error) {
  // NOLINTNEXTLINE(bugprone-parent-virtual-call): the one between is private, and does no more
  return ClientImpl::create_and_connect_socket(socket, error);
}

bool TlsClient::create_and_connect_socket(Socket& socket, httplib::Error& error) {
  if (!tunnel_) {
    return connect(socket, error);
  }
  // Set for as long as it connects: a proxy that the library knows of, it also talks to.
  proxy_host_ = tunnel_->address;
  proxy_port_ = tunnel_->proxy.port;
  const bool connected = connect(socket, error);
  proxy_host_.clear();
  proxy_port_ = -1;
  if (!connected) {
    return false;
  }
  const auto opened = open_tunnel(socket.sock, host_and_port_, tunnel_->proxy.authorization,
                                  std::chrono::steady_clock::now() + tunnel_->timeout);
  if (!opened) {
    exchange_.tunnel_failure =
        "the proxy " + tunnel_->proxy.host + ":" + std::to_string(tunnel_->proxy.port) + " " + opened.error().message;
    shutdown_socket(socket);
    close_socket(socket);
    error = httplib::Error::Connection;
  }
  return opened.has_value();
}

}  // namespace bongsu
