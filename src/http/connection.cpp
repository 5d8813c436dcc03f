// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace bongsu {
namespace {

// Of an answer's body, before the connection is closed instead of read on.
constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 10;

void take_head(const httplib::Response& response, HttpAnswer& answer) {
  answer.status = response.status;
  answer.retry_after = response.get_header_value("Retry-After");
}

}  // namespace

HttpConnection::HttpConnection(const Options& options)
    : host_(options.host),
      where_(options.host + ":" + std::to_string(options.port)),
      timeout_(options.timeout),
      resolver_(options.host) {
  if (options.https) {
    client_ = std::make_unique<httplib::SSLClient>(host_, options.port);
    client_->set_ca_cert_path(options.ca_file);
    client_->enable_server_certificate_verification(options.verify);
  } else {
    client_ = std::make_unique<httplib::ClientImpl>(host_, options.port);
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
}

HttpAnswer HttpConnection::send(httplib::Request& request) {
  HttpAnswer answer;
  std::size_t body_bytes = 0;
  request.response_handler = [&](const httplib::Response& response) {
    take_head(response, answer);
    return true;
  };
  request.content_receiver = [&](const char*, std::size_t size, std::uint64_t, std::uint64_t) {
    body_bytes += size;
    return body_bytes <= kMaxBodyBytes;
  };
  const std::optional<std::string> failure = try_addresses(request, answer);
  answer.failure = failure.value_or(answer.status == 0 ? "no answer" : "");
  return answer;
}

std::optional<std::string> HttpConnection::try_addresses(const httplib::Request& request, HttpAnswer& answer) {
  if (interrupted()) {
    return "";
  }
  if (addresses_.empty()) {
    auto found = resolver_.resolve(timeout_);
    if (!found) {
      return interrupted() ? "" : "cannot find " + host_ + ": " + found.error().message;
    }
    addresses_ = *std::move(found);
  }
  for (std::size_t untried = addresses_.size();; --untried) {
    client_->set_hostname_addr_map({{host_, addresses_.front()}});  // read when it connects anew
    const httplib::Result result = client_->send(request);
    if (result) {
      take_head(*result, answer);  // an answer without a body has not gone through the handler
      return std::nullopt;
    }
    forget();
    if (interrupted()) {
      return "";
    }
    if (result.error() != httplib::Error::Connection) {
      return explain(result.error());
    }
    if (untried == 1) {
      addresses_.clear();  // they may have changed
      return explain(result.error());
    }
    std::rotate(addresses_.begin(), addresses_.begin() + 1, addresses_.end());
  }
}

std::string HttpConnection::explain(httplib::Error error) const {
  switch (error) {
    case httplib::Error::Connection:
      return "cannot connect to " + where_;
    case httplib::Error::SSLConnection:
      return "no TLS with " + where_;
    case httplib::Error::SSLLoadingCerts:
      return "the CA certificates cannot be read";
    case httplib::Error::SSLServerVerification:
      return "the certificate of " + where_ + " is not valid for it, or nobody trusted has signed it";
    case httplib::Error::Read:
      return where_ + " did not answer in time, or closed the connection";
    case httplib::Error::Write:
      return where_ + " took no data in time, or closed the connection";
    default:
      return "sending to " + where_ + " failed: " + httplib::to_string(error);
  }
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

// Called by the client with each new socket, before it connects.
void HttpConnection::watch(int socket) {
  const std::lock_guard lock(mutex_);
  if (interrupted_) {
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
