// SPDX-License-Identifier: Apache-2.0
//
// The webhook over TLS, with an authority and certificates made for the test by the openssl program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "sinks/registry.h"
#include "support/connect_proxy.h"
#include "support/receivers.h"
#include "support/sink_support.h"
#include "support/test_authority.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class WebhookTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority() = std::make_unique<TestAuthority>();
    authority()->sign("right", "DNS:localhost,IP:127.0.0.1");
    authority()->sign("wrong", "DNS:other.example");
    authority()->sign("far", "DNS:alerts.test");
    authority()->sign("client", "DNS:bongsu.example");
    authority()->lock_key("client");
  }
  static void TearDownTestSuite() { authority().reset(); }

  static std::unique_ptr<TestAuthority>& authority() {
    static std::unique_ptr<TestAuthority> authority;
    return authority;
  }
  static std::string path(const std::string& name) { return authority()->path(name); }

  static std::unique_ptr<Receiver> receiver(const std::string& name) {
    return std::make_unique<Receiver>(
        nullptr, std::make_unique<httplib::SSLServer>(path(name + ".pem").c_str(), path(name + ".key").c_str()));
  }

  Result<Sinks> sinks(const Receiver& receiver, const std::string& ca_file, bool verify = true,
                      const std::string& host = "localhost", WebhookConfig hook = {}) {
    hook.name = "soc";
    hook.url = "https://" + host + ":" + std::to_string(receiver.port()) + "/";
    hook.tls.ca_file = ca_file;
    hook.tls.verify = verify;
    hook.retry.first_ns = 1'000'000;
    hook.retry.max_ns = 5'000'000;
    Config config;
    config.webhooks = {hook};
    return make_sinks(config, {2, false, "1", clock_, random_, &environment_});
  }

  // Whether an alert arrives; where not, it has been tried more than once.
  void expect(const Result<Sinks>& made, const Receiver& receiver, bool arrives) {
    ASSERT_TRUE(made) << made.error().to_string();
    Sink& sink = *made->back();
    sink.deliver(make_alert("1"));
    sink.deliver(make_alert("2"));
    if (arrives) {
      EXPECT_TRUE(sink.drain(soon()));
      EXPECT_EQ(receiver.requests().size(), 2U);
      EXPECT_EQ(sink.stats().retries, 0U);
    } else {
      EXPECT_TRUE(eventually([&] { return sink.stats().retries >= 2; }));
      EXPECT_FALSE(sink.drain(soon(milliseconds(1))));
      EXPECT_EQ(receiver.requests().size(), 0U);
      EXPECT_EQ(sink.stats().undelivered, 2U);
    }
  }

  // One that lets in only those whom the authority has signed.
  static std::unique_ptr<Receiver> asking_receiver() {
    return std::make_unique<Receiver>(
        nullptr, std::make_unique<httplib::SSLServer>(path("right.pem").c_str(), path("right.key").c_str(),
                                                      path("ca.pem").c_str()));
  }
  static WebhookConfig with_certificate(const std::string& cert, const std::string& key) {
    WebhookConfig hook;
    hook.tls.cert_file = cert;
    hook.tls.key_file = key;
    return hook;
  }

  HandClock clock_;
  SystemRandom random_;
  std::map<std::string, std::string, std::less<>> environment_;
};

TEST_F(WebhookTls, TrustsTheGivenAuthorityForTheRightName) {
  const auto server = receiver("right");
  expect(sinks(*server, path("ca.pem")), *server, true);
}

TEST_F(WebhookTls, TrustsTheRightAddress) {
  const auto server = receiver("right");
  expect(sinks(*server, path("ca.pem"), true, "127.0.0.1"), *server, true);
}

TEST_F(WebhookTls, RefusesAnotherName) {
  const auto server = receiver("wrong");
  expect(sinks(*server, path("ca.pem")), *server, false);
}

TEST_F(WebhookTls, RefusesAnUnknownAuthority) {
  const auto server = receiver("right");
  expect(sinks(*server, ""), *server, false);
}

TEST_F(WebhookTls, ChecksNothingWhenToldSo) {
  const auto server = receiver("wrong");
  expect(sinks(*server, "", false), *server, true);
}

TEST_F(WebhookTls, ShowsItsCertificate) {
  const auto server = asking_receiver();
  const WebhookConfig hook = with_certificate(path("client.pem"), path("client.key"));
  expect(sinks(*server, path("ca.pem"), true, "localhost", hook), *server, true);
}

TEST_F(WebhookTls, IsNotLetInWithoutOne) {
  const auto server = asking_receiver();
  expect(sinks(*server, path("ca.pem")), *server, false);
}

TEST_F(WebhookTls, ACertificateOrKeyThatCannotBeUsedIsAnErrorOfTheStart) {
  const auto server = receiver("right");
  const struct {
    std::string cert, key, said;
  } cases[] = {
      {path("none.pem"), path("client.key"), path("none.pem") + ": No such file or directory"},
      {path("client.pem"), path("none.key"), path("none.key") + ": No such file or directory"},
      {path("client.key"), path("client.key"), path("client.key") + ": no certificate can be read from it"},
      {path("client.pem"), path("client.pem"), path("client.pem") + ": no private key can be read from it"},
      {path("client.pem"), path("right.key"),
       path("right.key") + ": not the key of the certificate in " + path("client.pem")},
      {path("client.pem"), path("client.locked"), path("client.locked") + ": the key has a password"},
      {authority()->folder().string(), path("client.key"), authority()->folder().string() + ": Is a directory"},
  };
  for (const auto& one : cases) {
    const auto made = sinks(*server, path("ca.pem"), true, "localhost", with_certificate(one.cert, one.key));
    ASSERT_FALSE(made) << one.said;
    EXPECT_THAT(made.error().to_string(), testing::StartsWith("webhook soc: " + one.said));
  }
}

TEST_F(WebhookTls, RefusesWhatIsOlderThanTls12) {
  auto old = std::make_unique<httplib::SSLServer>(path("right.pem").c_str(), path("right.key").c_str());
  SSL_CTX_set_min_proto_version(old->ssl_context(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old->ssl_context(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(old->ssl_context(), 0);
  const Receiver server(nullptr, std::move(old));
  expect(sinks(server, path("ca.pem"), false), server, false);
}

TEST_F(WebhookTls, GoesThroughAProxy) {
  const auto server = receiver("far");
  const ConnectProxy proxy(server->port());
  environment_ = {{"HTTPS_PROXY", "http://user:pass@127.0.0.1:" + std::to_string(proxy.port())}};
  {
    const auto made = sinks(*server, path("ca.pem"), true, "alerts.test");
    expect(made, *server, true);
  }
  // One tunnel for both alerts, and the password for nobody but the proxy.
  const std::string target = "alerts.test:" + std::to_string(server->port());
  ASSERT_EQ(proxy.heads().size(), 1U);
  EXPECT_EQ(proxy.heads()[0], "CONNECT " + target + " HTTP/1.1\r\nHost: " + target +
                                  "\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
  for (const httplib::Request& request : server->requests()) {
    EXPECT_FALSE(request.has_header("Proxy-Authorization"));
    EXPECT_EQ(request.target, "/");
  }
}

TEST_F(WebhookTls, ChecksTheNameBehindAProxyToo) {
  const auto server = receiver("right");
  const ConnectProxy proxy(server->port());
  environment_ = {{"HTTPS_PROXY", "http://127.0.0.1:" + std::to_string(proxy.port())}};
  const auto made = sinks(*server, path("ca.pem"), true, "alerts.test");
  expect(made, *server, false);
  EXPECT_GE(proxy.heads().size(), 2U);
}

TEST_F(WebhookTls, AWrongProxyIsAnErrorOfTheStart) {
  const auto server = receiver("far");
  environment_ = {{"HTTPS_PROXY", "socks5://127.0.0.1:1"}};
  const auto made = sinks(*server, path("ca.pem"), true, "alerts.test");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().to_string(), HasSubstr("webhook soc: HTTPS_PROXY: only HTTP proxies are spoken to"));
  WebhookConfig without;
  without.proxy = false;
  EXPECT_TRUE(sinks(*server, path("ca.pem"), true, "alerts.test", without));
}

TEST_F(WebhookTls, ComesBackWhenTheKeptConnectionWasClosed) {
  const auto server = receiver("right");  // which closes what has been quiet for a second
  const auto made = sinks(*server, path("ca.pem"));
  ASSERT_TRUE(made);
  Sink& sink = *made->back();
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(eventually([&] { return sink.stats().delivered == 1; }));
  std::this_thread::sleep_for(milliseconds(1500));  // that second
  sink.deliver(make_alert("2"));
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(sink.stats().retries, 0U);
  EXPECT_EQ(server->requests().size(), 2U);
}

TEST_F(WebhookTls, ACaFileThatIsNoneIsAnErrorOfTheStart) {
  const auto server = receiver("right");
  for (const std::string& file : {path("none.pem"), path("right.key"), authority()->folder().string()}) {
    const auto made = sinks(*server, file);
    ASSERT_FALSE(made) << file;
    EXPECT_THAT(made.error().to_string(), HasSubstr("webhook soc: " + file + ": no certificates can be read from it"));
  }
}

}  // namespace
}  // namespace bongsu
