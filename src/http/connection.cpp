// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "http/client_certificate.h"

namespace bongsu {
namespace {

// Of an answer's body, before the connection is closed instead of read on.
constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 10;

void take_head(const httplib::Response& response, HttpAnswer& answer) {
  answer.status = response.status;
  answer.retry_after = response.get_header_value("Retry-After");
}

// What the kernel refuses is done without: the read's timeout stays.
void probe(int socket, std::chrono::seconds after) {
  const auto set = [socket](int level, int name, int value) {
    static_cast<void>(::setsockopt(socket, level, name, &value, sizeof value));
  };
  constexpr int kProbes = 3;
  const auto seconds = static_cast<int>(after.count());
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(seconds / kProbes, 1));
  set(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 2 * seconds * 1000);
}

}  // namespace

HttpConnection::HttpConnection(const Options& options)
    : host_(options.host),
      where_(options.host + ":" + std::to_string(options.port)),
      proxy_(options.proxy),
      next_(proxy_ ? proxy_->host : host_),
      timeout_(options.timeout),
      total_timeout_(options.total_timeout),
      read_timeout_(timeout_),
      probe_after_(options.probe_after),
      resolver_(next_) {
  if (options.https) {
    auto client = std::make_unique<TlsClient>(host_, options.port, exchange_);
    tls_ = client.get();
    SSL_CTX_set_min_proto_version(client->ssl_context(), TLS1_2_VERSION);
    if (!options.cert_file.empty()) {
      usable_ = use_client_certificate(client->ssl_context(), options.cert_file, options.key_file);
    }
    client_ = std::move(client);
    client_->set_ca_cert_path(options.ca_file);
    client_->enable_server_certificate_verification(options.verify);
  } else {
    client_ = std::make_unique<PlainClient>(host_, options.port, exchange_);
  }
  client_->set_connection_timeout(timeout_);
  client_->set_read_timeout(timeout_);
  client_->set_write_timeout(timeout_);
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);  // head and body are written one after the other
  client_->set_follow_location(false);
  client_->set_decompress(false);
  client_->set_url_encode(false);  // a URL is sent as the user wrote it; the library would escape ':' and '+' too
  client_->set_socket_options([this](socket_t socket) { watch(socket); });
  if (total_timeout_.count() > 0) {
    alarm_.emplace([this] { cut(); });
  }
}

HttpAnswer HttpConnection::send(httplib::Request& request, HttpReader* reader) {
  {
    const std::lock_guard lock(mutex_);
    cut_ = false;
  }
  if (!alarm_) {
    return exchange(request, reader);
  }
  alarm_->set(std::chrono::steady_clock::now() + total_timeout_);
  HttpAnswer answer = exchange(request, reader);
  static_cast<void>(alarm_->clear());
  return answer;
}

HttpAnswer HttpConnection::exchange(httplib::Request& request, HttpReader* reader) {
  HttpAnswer answer;
  if (!usable_) {
    answer.end = HttpAnswer::End::untrusted;
    answer.failure = usable_.error().message;
    return answer;
  }
  std::size_t body_bytes = 0;
  bool head_told = false;
  const auto tell_head = [&] {
    if (reader != nullptr && !head_told) {
      head_told = true;
      reader->head(answer);
    }
  };
  request.response_handler = [&](const httplib::Response& response) {
    take_head(response, answer);
    tell_head();
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (reader != nullptr) {
      return reader->body({data, size});
    }
    body_bytes += size;
    return body_bytes <= kMaxBodyBytes;
  };
  if (proxy_ && tls_ == nullptr && !proxy_->authorization.empty()) {
    request.set_header("Proxy-Authorization", proxy_->authorization);
  }
  try_addresses(request, answer);
  if (answer.end == HttpAnswer::End::complete) {
    tell_head();
  }
  if (!exchange_.took_all && answer.status >= 200 && answer.status < 300) {
    answer.status = 0;  // whatever it took, it was not this request
    answer.end = HttpAnswer::End::broken;
    answer.failure = where_ + " closed the connection before it had all of the request";
  }
  return answer;
}

bool HttpConnection::find_addresses(HttpAnswer& answer) {
  if (!addresses_.empty()) {
    return true;
  }
  auto found = resolver_.resolve(timeout_);
  if (found) {
    addresses_ = *std::move(found);
    return true;
  }
  answer.end = interrupted() ? HttpAnswer::End::interrupted : HttpAnswer::End::unreachable;
  answer.failure = interrupted() ? "" : "cannot find " + next_ + ": " + found.error().message;
  return false;
}

// Of the next connection, if one is made.
void HttpConnection::take_way() {
  if (!proxy_) {
    client_->set_hostname_addr_map({{host_, addresses_.front()}});
  } else if (tls_ != nullptr) {
    tls_->set_tunnel(addresses_.front(), *proxy_, timeout_);
  } else {
    client_->set_proxy(addresses_.front(), proxy_->port);
  }
}

void HttpConnection::try_addresses(const httplib::Request& request, HttpAnswer& answer) {
  if (interrupted()) {
    answer.end = HttpAnswer::End::interrupted;
    return;
  }
  if (!find_addresses(answer)) {
    return;
  }
  const auto begun = std::chrono::steady_clock::now();
  const std::size_t sockets = sockets_;  // only this thread's send() changes it
  bool kept = drop_unless_quiet();
  for (std::size_t untried = addresses_.size();; --untried) {
    take_way();
    exchange_ = {};
    const httplib::Result result = client_->send(request);
    if (result) {
      take_head(*result, answer);  // an answer without a body has not gone through the handler
      return;
    }
    forget();
    if (ended(answer)) {
      return;
    }
    if (kept && sockets == sockets_ && answer.status == 0 && std::chrono::steady_clock::now() - begun < read_timeout_) {
      kept = false;  // it was closed just now, so nothing is known of the server
      ++untried;
      continue;
    }
    if (!exchange_.tunnel_failure.empty()) {
      answer.end = HttpAnswer::End::unreachable;
      answer.failure = std::move(exchange_.tunnel_failure);
      return;
    }
    if (result.error() != httplib::Error::Connection || untried == 1) {
      if (result.error() == httplib::Error::Connection) {
        addresses_.clear();  // they may have changed
      }
      return explain(result.error(), answer);
    }
    std::rotate(addresses_.begin(), addresses_.begin() + 1, addresses_.end());
  }
}

void HttpConnection::explain(httplib::Error error, HttpAnswer& answer) const {
  using End = HttpAnswer::End;
  answer.end = End::broken;
  switch (error) {
    case httplib::Error::Connection:
      answer.end = End::unreachable;
      answer.failure =
          "cannot connect to " + (proxy_ ? "the proxy " + next_ + ":" + std::to_string(proxy_->port) : where_);
      return;
    case httplib::Error::SSLConnection:
      answer.end = End::untrusted;
      answer.failure = "no TLS with " + where_;
      return;
    case httplib::Error::SSLLoadingCerts:
      answer.end = End::untrusted;
      answer.failure = "the CA certificates cannot be read";
      return;
    case httplib::Error::SSLServerVerification:
      answer.end = End::untrusted;
      answer.failure = "the certificate of " + where_ + " is not valid for it, or nobody trusted has signed it";
      return;
    case httplib::Error::Canceled:
      answer.end = End::refused;
      return;
    case httplib::Error::Read:
      answer.failure = where_ + " did not answer in time, or closed the connection";
      return;
    case httplib::Error::Write:
      answer.failure = where_ + " took no data in time, or closed the connection";
      return;
    default:
      answer.failure = "sending to " + where_ + " failed: " + httplib::to_string(error);
      return;
  }
}

// By another thread.
bool HttpConnection::ended(HttpAnswer& answer) {
  const std::lock_guard lock(mutex_);
  if (interrupted_) {
    answer.end = HttpAnswer::End::interrupted;
  } else if (cut_) {
    answer.end = HttpAnswer::End::broken;
    answer.failure = where_ + " did not answer in time";
  }
  return interrupted_ || cut_;
}

// A connection on which something has come unasked, be it its end, is none to send on: the server is closing it, or
// has said more than it was asked. True: there is one, and it is quiet.
bool HttpConnection::drop_unless_quiet() {
  {
    const std::lock_guard lock(mutex_);
    if (!socket_) {
      return false;
    }
    char next = 0;
    // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): it is told not to block
    if (::recv(socket_.get(), &next, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR)) {
      return true;
    }
    socket_.reset();
  }
  client_->stop();  // takes the client's lock, under which watch() takes ours
  return false;
}

bool HttpConnection::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

void HttpConnection::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  resolver_.interrupt();
  if (socket_) {
    ::shutdown(socket_.get(), SHUT_RDWR);
  }
}

void HttpConnection::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  if (socket_) {
    ::shutdown(socket_.get(), SHUT_RDWR);
  }
}

// Called by the client with each new socket, before it connects.
void HttpConnection::watch(int socket) {
  if (probe_after_.count() > 0) {
    probe(socket, probe_after_);
  }
  const std::lock_guard lock(mutex_);
  ++sockets_;
  if (interrupted_ || cut_) {
    // A socket cannot be shut down before it connects; but what is no socket does not connect at all.
    const UniqueFd nothing(::eventfd(0, EFD_CLOEXEC));
    ::dup3(nothing.get(), socket, O_CLOEXEC);
    return;
  }
  socket_.reset(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
}

// The client has closed its own.
void HttpConnection::forget() {
  const std::lock_guard lock(mutex_);
  socket_.reset();
}

}  // namespace bongsu
