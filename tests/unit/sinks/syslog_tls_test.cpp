// SPDX-License-Identifier: Apache-2.0
//
// Syslog over TLS, with an authority and certificates made for the test by the openssl program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <csignal>
#include <memory>
#include <mutex>
#include <string>

#include "sinks/syslog_channel.h"
#include "support/receivers.h"
#include "support/sink_support.h"
#include "support/test_authority.h"

namespace bongsu {
namespace {

using std::chrono::seconds;
using testing::AnyOf;
using testing::HasSubstr;

// Reads what comes over each connection, one after the other.
class TlsServer {
 public:
  TlsServer(const std::string& certificate, const std::string& key, const std::string& client_ca = "")
      : context_(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free) {
    EXPECT_EQ(::SSL_CTX_use_certificate_chain_file(context(), certificate.c_str()), 1);
    EXPECT_EQ(::SSL_CTX_use_PrivateKey_file(context(), key.c_str(), SSL_FILETYPE_PEM), 1);
    if (!client_ca.empty()) {
      EXPECT_EQ(::SSL_CTX_load_verify_locations(context(), client_ca.c_str(), nullptr), 1);
      ::SSL_CTX_set_verify(context(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    server_ = std::make_unique<RawServer>([this](std::size_t, UniqueFd connection) { serve(connection); });
  }
  [[nodiscard]] SSL_CTX* context() const { return context_.get(); }
  [[nodiscard]] int port() const { return server_->port(); }
  [[nodiscard]] std::string received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  void serve(const UniqueFd& connection) {
    const std::unique_ptr<SSL, decltype(&::SSL_free)> session(::SSL_new(context()), ::SSL_free);
    ::SSL_set_fd(session.get(), connection.get());
    if (::SSL_accept(session.get()) != 1) {
      return;
    }
    char block[4096];
    for (int got = 0; (got = ::SSL_read(session.get(), block, sizeof block)) > 0;) {
      const std::lock_guard lock(mutex_);
      received_.append(block, static_cast<std::size_t>(got));
    }
  }

  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
  mutable std::mutex mutex_;
  std::string received_;
  std::unique_ptr<RawServer> server_;  // last: it ends before what it uses
};

TlsSetup::Options options(const std::string& ca_file, const std::string& cert_file = "",
                          const std::string& key_file = "") {
  return {.ca_file = ca_file, .cert_file = cert_file, .key_file = key_file};
}

class SyslogTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    authority() = std::make_unique<TestAuthority>();
    authority()->sign("right", "DNS:localhost,IP:127.0.0.1");
    authority()->sign("wrong", "DNS:other.example");
    authority()->sign("client", "DNS:client");
  }
  static void TearDownTestSuite() { authority().reset(); }

  static std::unique_ptr<TestAuthority>& authority() {
    static std::unique_ptr<TestAuthority> authority;
    return authority;
  }
  static std::string path(const std::string& name) { return authority()->path(name); }

  Result<std::unique_ptr<SyslogChannel>> channel(int port, TlsSetup::Options tls, const std::string& host) {
    SyslogChannel::Options options;
    options.address = {SyslogAddress::Transport::tls, host, static_cast<std::uint16_t>(port)};
    options.tls = std::move(tls);
    options.timeout = seconds(30);
    return SyslogChannel::make(std::move(options), clock_);
  }
  Attempt send(int port, TlsSetup::Options tls, const std::string& host = "localhost") {
    auto made = channel(port, std::move(tls), host);
    EXPECT_TRUE(made) << made.error().to_string();
    return (*made)->send(std::vector{make_alert("1")});
  }
  void expect_arrives(const TlsServer& server, const TlsSetup::Options& tls, const std::string& host = "localhost") {
    const Attempt attempt = send(server.port(), tls, host);
    EXPECT_EQ(attempt.outcome, Attempt::Outcome::delivered) << attempt.reason;
    EXPECT_TRUE(eventually([&] { return server.received().ends_with(R"(] {"id":"1"})"); }));
  }
  void expect_refused(const TlsServer& server, const TlsSetup::Options& tls, const testing::Matcher<std::string>& why) {
    const Attempt attempt = send(server.port(), tls);
    EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
    EXPECT_THAT(attempt.reason, why);
    EXPECT_EQ(server.received(), "");
  }

  HandClock clock_;
};

TEST_F(SyslogTls, TrustsTheGivenAuthorityForTheRightName) {
  const TlsServer server(path("right.pem"), path("right.key"));
  expect_arrives(server, options(path("ca.pem")));
  expect_arrives(server, options(path("ca.pem")), "127.0.0.1");
}

TEST_F(SyslogTls, RefusesAnotherNameAndAnUnknownAuthority) {
  const TlsServer wrong(path("wrong.pem"), path("wrong.key"));
  expect_refused(wrong, options(path("ca.pem")), HasSubstr("its certificate: hostname mismatch"));
  const TlsServer right(path("right.pem"), path("right.key"));
  expect_refused(right, {}, HasSubstr("its certificate: unable to get local issuer certificate"));
}

TEST_F(SyslogTls, ChecksNothingWhenToldSo) {
  const TlsServer server(path("wrong.pem"), path("wrong.key"));
  TlsSetup::Options tls;
  tls.verify = false;
  expect_arrives(server, tls);
}

TEST_F(SyslogTls, ShowsACertificateToAServerThatWantsOne) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const TlsServer server(path("right.pem"), path("right.key"), path("ca.pem"));
    SSL_CTX_set_min_proto_version(server.context(), version);
    SSL_CTX_set_max_proto_version(server.context(), version);
    expect_refused(server, options(path("ca.pem")),
                   AnyOf(HasSubstr("certificate required"), HasSubstr("handshake failure")));
    expect_arrives(server, options(path("ca.pem"), path("client.pem"), path("client.key")));
  }
}

TEST_F(SyslogTls, SpeaksNothingOlderThanTls12) {
  const TlsServer server(path("right.pem"), path("right.key"));
  SSL_CTX_set_min_proto_version(server.context(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(server.context(), TLS1_1_VERSION);
  EXPECT_EQ(::SSL_CTX_set_cipher_list(server.context(), "ALL:@SECLEVEL=0"), 1);
  expect_refused(server, options(path("ca.pem")), HasSubstr("no TLS: "));
}

TEST_F(SyslogTls, FilesThatCannotBeUsedAreAnErrorOfTheStart) {
  const auto why = [&](TlsSetup::Options tls) {
    const auto made = channel(1, std::move(tls), "localhost");
    return made ? "" : made.error().to_string();
  };
  EXPECT_THAT(why(options(path("none.pem"))), HasSubstr("none.pem: no certificates can be read from it"));
  EXPECT_THAT(why(options(path("right.key"))), HasSubstr("right.key: no certificates can be read from it"));
  EXPECT_THAT(why(options("", path("none.pem"), path("client.key"))), HasSubstr("none.pem: no certificate"));
  EXPECT_THAT(why(options("", path("client.pem"), path("right.key"))),
              HasSubstr("right.key: no key of " + path("client.pem")));
}

}  // namespace
}  // namespace bongsu
