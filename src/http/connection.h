// SPDX-License-Identifier: Apache-2.0
//
// A client's connection to one server, made when it is needed and kept open, whose every wait another thread can end:
// for the name server, for the connection, for an answer.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/resolver.h"

namespace bongsu {

struct HttpAnswer {
  int status = 0;           // 0: none has come
  std::string retry_after;  // the header
  std::string failure;      // why none has come; empty: interrupted
};

class HttpConnection {
 public:
  struct Options {
    bool https = false;
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string ca_file;  // PEM; empty: the system's
    bool verify = true;   // certificate and name
    std::chrono::nanoseconds timeout = std::chrono::seconds(10);
  };
  explicit HttpConnection(const Options& options);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection() = default;

  // One thread. A new connection tries all addresses of the host. The answer's head is the answer: its body is not
  // kept, and that it breaks off changes nothing. Sets the request's handlers.
  [[nodiscard]] HttpAnswer send(httplib::Request& request);

  // Any thread: what send() waits for ends, and all later calls fail.
  void interrupt();

 private:
  // Empty words: interrupted.
  [[nodiscard]] std::optional<std::string> try_addresses(const httplib::Request& request, HttpAnswer& answer);
  [[nodiscard]] bool interrupted() const;
  [[nodiscard]] std::string explain(httplib::Error error) const;
  void watch(int socket);
  void forget();

  const std::string host_;
  const std::string where_;  // for messages
  const std::chrono::nanoseconds timeout_;
  Resolver resolver_;
  std::vector<std::string> addresses_;  // the one in use first; none: to be looked up
  std::unique_ptr<httplib::ClientImpl> client_;

  mutable std::mutex mutex_;
  // A second descriptor of the socket the client uses: shutting that down cannot hit another socket, whose number is
  // the one that the client has just closed.
  UniqueFd socket_;
  bool interrupted_ = false;
};

}  // namespace bongsu
