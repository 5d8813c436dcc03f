// SPDX-License-Identifier: Apache-2.0
//
// TLS (1.2 and later) over a socket that bytes only go out on.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sinks/socket_link.h"

namespace bongsu {

// What a client is set up with; shared by its connections, one after the other.
class TlsSetup {
 public:
  struct Options {
    std::string ca_file;    // PEM; empty: the system's
    std::string cert_file;  // PEM, with its chain; empty: none
    std::string key_file;
    bool verify = true;  // certificate and name of the other side
  };
  // Reads the files.
  [[nodiscard]] static Result<std::unique_ptr<TlsSetup>> make(const Options& options);

  // Agrees on TLS over a connection with `host`: a name, or an address.
  [[nodiscard]] Result<std::unique_ptr<SocketLink>> start(SocketLink& connected, const std::string& host,
                                                          SocketLink::Until until) const;

 private:
  using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
  explicit TlsSetup(Context context) : context_(std::move(context)) {}

  Context context_;
};

class TlsLink final : public SocketLink {
 public:
  using Session = std::unique_ptr<SSL, decltype(&::SSL_free)>;
  // The session is one over that socket.
  TlsLink(UniqueFd socket, const Interrupter& interrupter, Session session);
  TlsLink(const TlsLink&) = delete;
  TlsLink& operator=(const TlsLink&) = delete;
  ~TlsLink() override;  // says goodbye, without waiting for the answer

  [[nodiscard]] Status agree(Until until);
  [[nodiscard]] Status write(std::string_view bytes, Until until) override;
  [[nodiscard]] State state() override;

 private:
  // After a call that gave `result`: waits where it asked for it. Error: it failed for good.
  [[nodiscard]] Status wait_for_session(int result, Until until);

  Session session_;
  bool usable_ = false;
};

}  // namespace bongsu
