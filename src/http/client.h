// SPDX-License-Identifier: Apache-2.0
//
// The HTTP library's clients with what they lack: bounded lines (guarded_stream.h), and, for TLS, a way through a proxy
// that takes a refusal for one. (The library's own goes on to TLS whatever the proxy answers, or never starts TLS at
// all, and shows the proxy's password to the server.)
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace bongsu {

struct HttpProxy {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  std::string authorization;  // of the header Proxy-Authorization; empty: none

  friend bool operator==(const HttpProxy&, const HttpProxy&) = default;
};

// What became of the last request, besides what the library says. The thread that sends.
struct Exchange {
  bool took_all = true;  // the server took all of the request
  std::string tunnel_failure;
};

class PlainClient final : public httplib::ClientImpl {
 public:
  PlainClient(const std::string& host, int port, Exchange& exchange) : ClientImpl(host, port), exchange_(exchange) {}

 private:
  bool process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) override;

  Exchange& exchange_;
};

class TlsClient final : public httplib::SSLClient {
 public:
  TlsClient(const std::string& host, int port, Exchange& exchange) : SSLClient(host, port), exchange_(exchange) {}

  // New connections go by this proxy, at this address.
  void set_tunnel(const std::string& address, const HttpProxy& proxy, std::chrono::nanoseconds timeout);

 private:
  struct Tunnel {
    std::string address;
    HttpProxy proxy;
    std::chrono::nanoseconds timeout;
  };

  bool connect(Socket& socket, httplib::Error& error);
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override;
  bool process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) override;

  Exchange& exchange_;
  std::optional<Tunnel> tunnel_;
};

}  // namespace bongsu
