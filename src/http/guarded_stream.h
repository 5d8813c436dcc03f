// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one request and its answer, between the HTTP library and a connected socket. The library reads lines of
// any length, and matches the first with an expression that takes stack for each character: so lines and heads end here
// at a size that no server needs. And an answer that comes before the server has taken all of the request, as when that
// is too large for it, is read nevertheless.
#pragma once

#include <httplib.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace bongsu {

class GuardedStream final : public httplib::Stream {
 public:
  static constexpr std::size_t kMaxStatusLineBytes = 1024;
  static constexpr std::size_t kMaxLineBytes = 8192;
  static constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10;

  // Borrows both; without TLS `ssl` is null. The socket blocks.
  GuardedStream(int socket, SSL* ssl, std::chrono::milliseconds read_timeout, std::chrono::milliseconds write_timeout)
      : socket_(socket), ssl_(ssl), read_timeout_(read_timeout), write_timeout_(write_timeout) {}

  [[nodiscard]] bool is_readable() const override {
    return held() > 0 || (ssl_ != nullptr && SSL_pending(ssl_) > 0) || wait(POLLIN, read_timeout_);
  }
  [[nodiscard]] bool is_writable() const override { return wait(POLLOUT, write_timeout_); }
  ssize_t read(char* data, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  [[nodiscard]] socket_t socket() const override { return socket_; }

  // The server took all that was written.
  [[nodiscard]] bool took_all() const { return took_all_; }
  // Nothing is left that a next answer could be mistaken for, and the connection works.
  [[nodiscard]] bool reusable() const;

 private:
  [[nodiscard]] std::size_t held() const { return end_ - begin_; }
  [[nodiscard]] bool wait(short events, std::chrono::milliseconds timeout) const;
  ssize_t receive(char* data, std::size_t size);
  [[nodiscard]] bool within_line(char next);

  const int socket_;
  SSL* const ssl_;
  const std::chrono::milliseconds read_timeout_;
  const std::chrono::milliseconds write_timeout_;
  std::array<char, 16384> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t line_bytes_ = 0;
  std::size_t lines_bytes_ = 0;    // since the body was last read
  std::size_t status_prefix_ = 0;  // how much of the line is the beginning of a status line
  bool took_all_ = true;
};

}  // namespace bongsu
