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
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/alarm.h"
#include "http/client.h"
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
    std::string ca_file;    // PEM; empty: the system's
    bool verify = true;     // certificate and name
    std::string cert_file;  // of this side, PEM, with key_file; empty: none
    std::string key_file;
    std::optional<HttpProxy> proxy;
    std::chrono::nanoseconds timeout = std::chrono::seconds(10);  // of each wait
    // Of all that send() does, whatever the other side does to draw it out. 0: no bound. Takes a thread.
    std::chrono::nanoseconds total_timeout{0};
    // For connections that wait long for what may come: TCP asks after so long without a byte whether the other side
    // is still there, and gives up after twice that. 0: it does not.
    std::chrono::seconds probe_after{0};
  };
  // Throws std::system_error when there is no thread for the total timeout.
  explicit HttpConnection(const Options& options);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection() = default;

  // An error of the client certificate: without it nothing can be sent.
  [[nodiscard]] const Status& usable() const { return usable_; }

  // One thread. A new connection tries all addresses of the host. Sets the request's handlers. Without a reader the
  // answer's body is not kept, and that it breaks off changes nothing. A kept connection that turns out to be closed is
  // no failure: the request goes out once more over a new one, so it has to be one that may come twice.
  [[nodiscard]] HttpAnswer send(httplib::Request& request, HttpReader* reader = nullptr);
  // Between two bytes of the next answers, instead of the timeout.
  void set_read_timeout(std::chrono::nanoseconds timeout) {
    read_timeout_ = timeout;
    client_->set_read_timeout(timeout);
  }

  // Any thread: what send() waits for ends, and all later calls fail.
  void interrupt();
  // Any thread: send(), if it is under way, ends as if the other side had closed the connection, and makes no other.
  void cut();

 private:
  [[nodiscard]] HttpAnswer exchange(httplib::Request& request, HttpReader* reader);
  [[nodiscard]] bool find_addresses(HttpAnswer& answer);
  void try_addresses(const httplib::Request& request, HttpAnswer& answer);
  void take_way();
  [[nodiscard]] bool drop_unless_quiet();
  [[nodiscard]] bool ended(HttpAnswer& answer);
  [[nodiscard]] bool interrupted() const;
  void explain(httplib::Error error, HttpAnswer& answer) const;
  void watch(int socket);
  void forget();

  const std::string host_;
  const std::string where_;  // for messages
  const std::optional<HttpProxy> proxy_;
  const std::string next_;  // the host that connections are made to
  const std::chrono::nanoseconds timeout_;
  const std::chrono::nanoseconds total_timeout_;
  std::chrono::nanoseconds read_timeout_;
  const std::chrono::seconds probe_after_;
  Resolver resolver_;
  std::vector<std::string> addresses_;  // the one in use first; none: to be looked up
  Exchange exchange_;
  std::unique_ptr<httplib::ClientImpl> client_;
  TlsClient* tls_ = nullptr;  // the same, where it is one
  Status usable_;

  mutable std::mutex mutex_;
  // A second descriptor of the socket the client uses: shutting that down cannot hit another socket, whose number is
  // the one that the client has just closed.
  UniqueFd socket_;
  std::size_t sockets_ = 0;  // made so far
  bool interrupted_ = false;
  bool cut_ = false;            // what is under way
  std::optional<Alarm> alarm_;  // last: it uses the others
};

}  // namespace bongsu
