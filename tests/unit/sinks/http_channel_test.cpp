// SPDX-License-Identifier: Apache-2.0
//
// What a batch is by HTTP: its headers, its signature, and what an answer makes of it.
#include "sinks/http_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/webhook_signature.h"
#include "support/receivers.h"
#include "support/sink_support.h"

namespace bongsu {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using Outcome = Attempt::Outcome;

// The ids on lines; refuses the alerts whose index the answer names.
class LinesFormat final : public PayloadFormat {
 public:
  explicit LinesFormat(bool needs_answer) : needs_answer_(needs_answer) {}
  [[nodiscard]] std::string_view content_type() const override { return "text/x-lines"; }
  [[nodiscard]] bool needs_answer() const override { return needs_answer_; }
  [[nodiscard]] std::string body(Alerts alerts) override {
    std::string lines;
    for (const auto& alert : alerts) {
      lines += alert->json + "\n";
    }
    return lines;
  }
  [[nodiscard]] std::vector<Refusal> refused(std::string_view answer, std::size_t count) override {
    std::vector<Refusal> all;
    for (std::size_t index = 0; index < count; ++index) {
      if (answer.find(std::to_string(index)) != std::string_view::npos) {
        all.push_back({.index = index, .again = false, .reason = "no"});
      }
    }
    return all;
  }

 private:
  bool needs_answer_;
};

class HttpChannelTest : public testing::Test {
 protected:
  HttpChannelTest() {
    options_.user_agent = "bongsu/1";
    options_.peer.host = "127.0.0.1";
    clock_.now = 1'700'000'000'500'000'000;
  }

  HttpChannel& channel(int port, bool needs_answer = false) {
    options_.peer.port = static_cast<std::uint16_t>(port);
    options_.format = std::make_unique<LinesFormat>(needs_answer);
    auto made = HttpChannel::make(std::move(options_), clock_);
    EXPECT_TRUE(made) << made.error().to_string();
    channel_ = *std::move(made);
    return *channel_;
  }

  static std::vector<std::shared_ptr<const Alert>> alerts(std::initializer_list<const char*> ids) {
    std::vector<std::shared_ptr<const Alert>> all;
    for (const char* id : ids) {
      all.push_back(make_alert(id));
    }
    return all;
  }

  // What becomes of so many alerts when the server says this.
  Attempt attempt(std::size_t count, const std::string& answer, bool needs_answer = false) {
    RawServer server([&](std::size_t, UniqueFd connection) {
      RawServer::read_head(connection.get());
      RawServer::write(connection.get(), answer);
      ::shutdown(connection.get(), SHUT_WR);
      RawServer::read_head(connection.get());  // until the other side has closed: no reset takes the answer away
    });
    const std::vector<std::shared_ptr<const Alert>> all(count, make_alert("x"));
    options_ = HttpChannel::Options();  // the last one's is moved from
    options_.peer.host = "127.0.0.1";
    Attempt made = channel(server.port(), needs_answer).send(all);
    channel_.reset();
    return made;
  }

  HttpChannel::Options options_;
  HandClock clock_;
  std::unique_ptr<HttpChannel> channel_;
};

TEST_F(HttpChannelTest, SeveralGoInOneBodyUnderAKeyOfTheirIds) {
  const Receiver receiver;
  HttpChannel& to = channel(receiver.port());
  EXPECT_EQ(to.send(alerts({"a", "b"})).outcome, Outcome::delivered);
  EXPECT_EQ(to.send(alerts({"a", "b"})).outcome, Outcome::delivered);
  EXPECT_EQ(to.send(alerts({"a", "c"})).outcome, Outcome::delivered);
  EXPECT_EQ(to.send(alerts({"ab"})).outcome, Outcome::delivered);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].body, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  EXPECT_EQ(requests[0].get_header_value("Content-Type"), "text/x-lines");
  EXPECT_FALSE(requests[0].has_header("X-Bongsu-Event-Id"));
  EXPECT_FALSE(requests[0].has_header("webhook-id"));
  const std::string key = requests[0].get_header_value("Idempotency-Key");
  // SHA-256 of "a\nb\n" is 911169ddf3..: a UUID of version 8 from its first 16 bytes.
  EXPECT_THAT(key, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(requests[1].get_header_value("Idempotency-Key"), key);
  EXPECT_NE(requests[2].get_header_value("Idempotency-Key"), key);
  EXPECT_EQ(requests[3].get_header_value("Idempotency-Key"), "ab");
  EXPECT_EQ(requests[3].get_header_value("X-Bongsu-Event-Id"), "ab");
}

TEST_F(HttpChannelTest, SignsWhatItSends) {
  const Receiver receiver;
  options_.hmac_key = "key";
  options_.gzip = true;
  HttpChannel& to = channel(receiver.port());
  const std::string long_id(3000, 'i');
  EXPECT_EQ(to.send(alerts({"short"})).outcome, Outcome::delivered);
  clock_.now += 9'000'000'000;
  EXPECT_EQ(to.send(alerts({long_id.c_str(), "b"})).outcome, Outcome::delivered);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].get_header_value("webhook-timestamp"), "1700000000");
  EXPECT_EQ(requests[1].get_header_value("webhook-timestamp"), "1700000009");
  EXPECT_EQ(requests[0].get_header_value("webhook-signature"),
            webhook_signature("key", "short", 1'700'000'000, "{\"id\":\"short\"}\n"));
  const std::string id = requests[1].get_header_value("webhook-id");
  EXPECT_EQ(id, requests[1].get_header_value("Idempotency-Key"));
  // The server here unpacks bodies: so what was signed is packed again, which gives the same bytes.
  EXPECT_EQ(requests[1].get_header_value("webhook-signature"),
            webhook_signature("key", id, 1'700'000'009, Gzip().compress(requests[1].body)));
}

TEST_F(HttpChannelTest, PacksWhatIsWorthIt) {
  const Receiver receiver;
  options_.gzip = true;
  HttpChannel& to = channel(receiver.port());
  const std::string long_id(2000, 'i');
  EXPECT_EQ(to.send(alerts({"short"})).outcome, Outcome::delivered);
  EXPECT_EQ(to.send(alerts({long_id.c_str()})).outcome, Outcome::delivered);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_FALSE(requests[0].has_header("Content-Encoding"));
  EXPECT_EQ(requests[1].get_header_value("Content-Encoding"), "gzip");
  EXPECT_LT(std::stoul(requests[1].get_header_value("Content-Length")), 2100U - 15);
  EXPECT_EQ(requests[1].body, "{\"id\":\"" + long_id + "\"}\n");
}

TEST_F(HttpChannelTest, JudgesByTheStatus) {
  const auto with = [](int status) { return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n"; };
  for (const int status : {200, 201, 202, 204, 299}) {
    EXPECT_EQ(attempt(1, with(status)).outcome, Outcome::delivered) << status;
  }
  for (const int status : {103, 408, 425, 429, 500, 501, 503, 504, 599}) {
    EXPECT_EQ(attempt(1, with(status)).outcome, Outcome::retry) << status;
  }
  for (const int status : {304, 400, 401, 403, 404, 409, 410, 413, 422, 451}) {
    const Attempt made = attempt(1, with(status));
    EXPECT_EQ(made.outcome, Outcome::rejected) << status;
    EXPECT_FALSE(made.too_large);
    EXPECT_THAT(made.reason, HasSubstr("the server answered " + std::to_string(status)));
  }
  EXPECT_THAT(attempt(1, with(308)).reason,
              HasSubstr("the server redirects, which is not followed: name the final URL"));
  EXPECT_TRUE(attempt(2, with(413)).too_large);
}

TEST_F(HttpChannelTest, ReadsWhatWasRefused) {
  const auto with = [](const std::string& body) {
    return "HTTP/1.1 200 X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  const Attempt made = attempt(4, with("no 1 3"));
  EXPECT_EQ(made.outcome, Outcome::delivered);
  ASSERT_EQ(made.refused.size(), 2U);
  EXPECT_EQ(made.refused[0].index, 1U);
  EXPECT_EQ(made.refused[1].index, 3U);
  EXPECT_TRUE(attempt(4, with("")).refused.empty());
}

TEST_F(HttpChannelTest, AnAnswerThatMattersHasToBeWhole) {
  const std::string cut = "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nall but";
  EXPECT_EQ(attempt(2, cut).outcome, Outcome::delivered);
  EXPECT_EQ(attempt(2, cut, true).outcome, Outcome::retry);
  const std::string huge = "HTTP/1.1 200 X\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'x');
  const Attempt many = attempt(2, huge, true);
  EXPECT_EQ(many.outcome, Outcome::retry);
  EXPECT_TRUE(many.too_large);
  EXPECT_EQ(attempt(1, huge, true).outcome, Outcome::delivered);  // one cannot be halved
  EXPECT_EQ(attempt(2, huge).outcome, Outcome::delivered);
}

}  // namespace
}  // namespace bongsu
