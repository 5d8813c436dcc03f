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
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "http/resolver.h"

namespace bongsu {

struct HttpAnswer {
  enum class End : std::uint8_t {
    complete,
    interrupted,
    unreachable,  // the host has no address, or takes no connection
    untrusted,    // TLS was not agreed on
    broken,       // the answer did not come in time, or broke off
    refused       // the reader wanted no more of it
  };
  int status = 0;           // 0: none has come
  std::string retry_after;  // the header
  End end = End::complete;
  std::string failure;  // why none has come, or not all of it; empty: it has, or who waited did not want it
};

// Takes an answer as it comes, in the thread that sends.
class HttpReader {
 public:
  HttpReader() = default;
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;
  virtual ~HttpReader() = default;
  virtual void head(const HttpAnswer& answer) = 0;  // once; status and headers are there
  virtual bool body(std::string_view piece) = 0;    // false: no more of it
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
    // For connections that wait long for what may come: TCP asks after so long without a byte whether the other side
    // is still there, and gives up after twice that. 0: it does not.
    std::chrono::seconds probe_after{0};
  };
  explicit HttpConnection(const Options& options);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection() = default;

  // One thread. A new connection tries all addresses of the host. Sets the request's handlers. Without a reader the
  // answer's body is not kept, and that it breaks off changes nothing.
  [[nodiscard]] HttpAnswer send(httplib::Request& request, HttpReader* reader = nullptr);
  // Between two bytes of the next answers, instead of the timeout.
  void set_read_timeout(std::chrono::nanoseconds timeout) { client_->set_read_timeout(timeout); }

  // Any thread: what send() waits for ends, and all later calls fail.
  void interrupt();
  // Any thread: the connection breaks, as if the other side had closed it.
  void cut();

 private:
  void try_addresses(const httplib::Request& request, HttpAnswer& answer);
  [[nodiscard]] bool interrupted() const;
  void explain(httplib::Error error, HttpAnswer& answer) const;
  void watch(int socket);
  void forget();

  const std::string host_;
  const std::string where_;  // for messages
  const std::chrono::nanoseconds timeout_;
  const std::chrono::seconds probe_after_;
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
