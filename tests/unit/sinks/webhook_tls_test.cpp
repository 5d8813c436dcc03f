// SPDX-License-Identifier: Apache-2.0
//
// The webhook over TLS, with an authority and certificates made for the test by the openssl program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "sinks/registry.h"
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
                      const std::string& host = "localhost") {
    WebhookConfig hook;
    hook.name = "soc";
    hook.url = "https://" + host + ":" + std::to_string(receiver.port()) + "/";
    hook.tls.ca_file = ca_file;
    hook.tls.verify = verify;
    hook.retry.first_ns = 1'000'000;
    hook.retry.max_ns = 5'000'000;
    Config config;
    config.webhooks = {hook};
    return make_sinks(config, {2, false, "1", clock_, random_});
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

  HandClock clock_;
  SystemRandom random_;
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
