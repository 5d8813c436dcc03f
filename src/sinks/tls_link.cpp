// SPDX-License-Identifier: Apache-2.0
#include "sinks/tls_link.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <array>

namespace bongsu {
namespace {

// How long a server of TLS 1.3 may take to say what it thinks of our certificate; see agree().
constexpr std::chrono::milliseconds kFirstWord{1000};
constexpr int kMostBlocks = 16;

// The library's word on its last failure; the names of these are a fixed list.
std::string library_reason() {
  const char* const text = ::ERR_reason_error_string(::ERR_peek_last_error());
  return text == nullptr ? "the connection broke" : text;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// Server Name Indication is for names only (RFC 6066, 3).
bool set_peer(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* const check = ::SSL_get0_param(session);
  ::X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(host)) {
    return ::X509_VERIFY_PARAM_set1_ip_asc(check, host.c_str()) == 1;
  }
  std::string name = host;  // the library copies it, through a pointer that is not const
  return ::SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1 &&
         ::SSL_set1_host(session, host.c_str()) == 1;
}

}  // namespace

Result<std::unique_ptr<TlsSetup>> TlsSetup::make(const Options& options) {
  ::ERR_clear_error();
  Context context(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return fail("no TLS: " + library_reason());
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // NOLINTNEXTLINE(hicpp-signed-bitwise): the library's constants are ints
  ::SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const bool trusts = options.ca_file.empty()
                          ? ::SSL_CTX_set_default_verify_paths(context.get()) == 1
                          : ::SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) == 1;
  if (!trusts) {
    return fail(options.ca_file + ": no certificates can be read from it: " + library_reason(),
                "name a file with certificates in PEM");
  }
  if (!options.cert_file.empty()) {
    if (::SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) != 1) {
      return fail(options.cert_file + ": no certificate can be read from it: " + library_reason(),
                  "name a file with the certificate and its chain in PEM");
    }
    if (::SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      return fail(options.key_file + ": no key of " + options.cert_file + " can be read from it: " + library_reason(),
                  "name a file with the certificate's private key in PEM, not encrypted");
    }
  }
  return std::unique_ptr<TlsSetup>(new TlsSetup(std::move(context)));
}

Result<std::unique_ptr<SocketLink>> TlsSetup::start(SocketLink& connected, const std::string& host,
                                                    SocketLink::Until until) const {
  TlsLink::Session session(::SSL_new(context_.get()), ::SSL_free);
  if (!session || ::SSL_set_fd(session.get(), connected.fd()) != 1 || !set_peer(session.get(), host)) {
    return fail("no TLS: " + library_reason());
  }
  auto link = std::make_unique<TlsLink>(connected.release(), connected.interrupter(), std::move(session));
  if (const Status agreed = link->agree(until); !agreed) {
    return tl::make_unexpected(agreed.error());
  }
  return link;
}

TlsLink::TlsLink(UniqueFd socket, const Interrupter& interrupter, Session session)
    : SocketLink(std::move(socket), interrupter), session_(std::move(session)) {}

TlsLink::~TlsLink() {
  if (usable_) {
    ::SSL_shutdown(session_.get());
  }
}

Status TlsLink::wait_for_session(int result, Until until) {
  switch (::SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return wait(POLLIN, until);
    case SSL_ERROR_WANT_WRITE:
      return wait(POLLOUT, until);
    default:
      break;
  }
  usable_ = false;  // nothing more may be said over it, not even goodbye
  if (const long verdict = ::SSL_get_verify_result(session_.get()); verdict != X509_V_OK) {
    return fail(std::string("its certificate: ") + ::X509_verify_cert_error_string(verdict));
  }
  return fail(library_reason());
}

Status TlsLink::agree(Until until) {
  while (true) {
    ::ERR_clear_error();
    const int result = ::SSL_connect(session_.get());
    if (result == 1) {
      break;
    }
    if (Status ready = wait_for_session(result, until); !ready) {
      return ready.error().message.empty() ? ready : fail("no TLS: " + ready.error().message);
    }
  }
  usable_ = true;
  if (::SSL_version(session_.get()) < TLS1_3_VERSION) {
    return {};
  }
  // With TLS 1.3 this side is through before the server has looked at its certificate: a server that refuses it would
  // be sent alerts that it never reads. Where it is content it sends a session ticket, as nearly all do, else an alert;
  // none of both in time is taken for content.
  const Until first_word = std::min(until, std::chrono::steady_clock::now() + kFirstWord);
  if (Status spoken = wait(POLLIN, first_word); !spoken && spoken.error().message.empty()) {
    return spoken;
  }
  if (state() != State::open) {
    return fail("no TLS: " + library_reason());
  }
  return {};
}

Status TlsLink::write(std::string_view bytes, Until until) {
  while (!bytes.empty()) {
    ::ERR_clear_error();
    std::size_t wrote = 0;
    const int result = ::SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &wrote);
    if (result == 1) {
      bytes.remove_prefix(wrote);
    } else if (Status ready = wait_for_session(result, until); !ready) {
      return ready;
    }
  }
  return {};
}

SocketLink::State TlsLink::state() {
  std::array<char, 4096> block{};
  for (int i = 0; i < kMostBlocks; ++i) {
    ::ERR_clear_error();
    std::size_t got = 0;
    const int result = ::SSL_read_ex(session_.get(), block.data(), block.size(), &got);
    if (result == 1) {
      continue;
    }
    switch (::SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return State::open;
      case SSL_ERROR_ZERO_RETURN:
        return State::closed;
      default:
        usable_ = false;
        // Without goodbye, but TCP was closed in good order.
        return ERR_GET_REASON(::ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? State::closed
                                                                                             : State::broken;
    }
  }
  return State::broken;
}

}  // namespace bongsu
