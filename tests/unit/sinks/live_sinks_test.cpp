// SPDX-License-Identifier: Apache-2.0
#include "sinks/live_sinks.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/unique_fd.h"

namespace bongsu {
namespace {

using ::testing::ElementsAre;

class LiveSinksTest : public ::testing::Test {
 protected:
  SinkContext context() { return {null_.get(), false, "1", clock_, random_}; }
  static WebhookConfig webhook(const std::string& name, const std::string& url) {
    WebhookConfig made;
    made.name = name;
    made.url = url;
    return made;
  }
  static std::vector<std::string> names(const LiveSinks& live) {
    std::vector<std::string> names;
    for (const auto& sink : live.all()) {
      names.emplace_back(sink->name());
    }
    return names;
  }
  static const Sink* named(const LiveSinks& live, std::string_view name) {
    for (const auto& sink : live.all()) {
      if (sink->name() == name) {
        return sink;
      }
    }
    return nullptr;
  }
  static std::shared_ptr<const Alert> alert(Severity severity) {
    auto made = std::make_shared<Alert>();
    made->severity = severity;
    made->json = "{}";
    return made;
  }

  UniqueFd null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  SystemClock clock_;
  SystemRandom random_;
};

// Nobody listens there (RFC 863's port on loopback): what it is given stays queued.
const std::string kNobody = "http://127.0.0.1:9/";

TEST_F(LiveSinksTest, FollowWhatTheConfigurationAsksFor) {
  Config config;
  config.webhooks = {webhook("a", kNobody), webhook("b", kNobody)};
  auto live = LiveSinks::open(config, context());
  ASSERT_TRUE(live);
  EXPECT_THAT(names(*live), ElementsAre("stdout", "a", "b"));
  const Sink* const kept = named(*live, "b");

  config.webhooks = {webhook("b", kNobody), webhook("c", kNobody)};
  ASSERT_TRUE(live->follow(config));
  EXPECT_THAT(names(*live), ElementsAre("stdout", "b", "c"));
  EXPECT_EQ(named(*live, "b"), kept);

  config.webhooks[0].timeout_ns += 1'000'000;
  ASSERT_TRUE(live->follow(config));
  EXPECT_NE(named(*live, "b"), kept);
}

TEST_F(LiveSinksTest, AnotherFilterKeepsTheQueue) {
  Config config;
  config.webhooks = {webhook("a", kNobody)};
  config.webhooks[0].retry.first_ns = config.webhooks[0].retry.max_ns = 3'600'000'000'000;
  auto live = LiveSinks::open(config, context());
  ASSERT_TRUE(live);
  Sink& sink = *live->all()[1];
  ASSERT_TRUE(sink.deliver(alert(Severity::low)));
  config.webhooks[0].min_severity = static_cast<std::uint8_t>(Severity::high);
  ASSERT_TRUE(live->follow(config));
  ASSERT_EQ(live->all()[1], &sink);
  EXPECT_EQ(sink.stats().queued, 1U);
  ASSERT_TRUE(sink.deliver(alert(Severity::low)));
  EXPECT_EQ(sink.stats().filtered, 1U);
  EXPECT_FALSE(live->drain(std::chrono::steady_clock::now() + std::chrono::milliseconds(50)));
}

TEST_F(LiveSinksTest, WhatWaitsGoesToWhoeverUsesItsSpoolNext) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("live-" + std::to_string(::getpid()));
  Config config;
  config.webhooks = {webhook("a", kNobody)};
  config.webhooks[0].spool.directory = folder.string();
  auto live = LiveSinks::open(config, context());
  ASSERT_TRUE(live);
  ASSERT_THAT(names(*live), ElementsAre("a", "stdout")) << "what is safe on disk comes first";
  ASSERT_TRUE(live->all()[0]->deliver(alert(Severity::low)));
  config.webhooks[0].name = "b";
  config.webhooks[0].timeout_ns += 1'000'000;
  ASSERT_TRUE(live->follow(config));
  EXPECT_TRUE(named(*live, "b")->stats().has_spool) << named(*live, "b")->stats().no_spool;
  EXPECT_EQ(named(*live, "b")->stats().queued, 1U);
  EXPECT_TRUE(live->drain(std::chrono::steady_clock::now() + std::chrono::milliseconds(50))) << "it stays in the spool";
  std::filesystem::remove_all(folder);
}

TEST_F(LiveSinksTest, AtTheStartWhatCannotBeMadeIsLeftOut) {
  Config config;
  config.webhooks = {webhook("a", kNobody), webhook("b", "https://127.0.0.1:9/")};
  config.webhooks[1].tls.ca_file = "/absent";
  auto live = LiveSinks::open(config, context());
  ASSERT_TRUE(live);
  EXPECT_THAT(names(*live), ElementsAre("stdout", "a"));
  EXPECT_THAT(live->left_out(), ElementsAre(testing::HasSubstr("/absent")));
}

TEST_F(LiveSinksTest, NothingChangesWhereANewOneCannotBeMade) {
  Config config;
  config.webhooks = {webhook("a", kNobody)};
  auto live = LiveSinks::open(config, context());
  ASSERT_TRUE(live);
  const Sink* const kept = named(*live, "a");
  config.webhooks = {webhook("b", "https://127.0.0.1:9/")};
  config.webhooks[0].tls.ca_file = "/absent";
  EXPECT_FALSE(live->follow(config));
  EXPECT_THAT(names(*live), ElementsAre("stdout", "a"));
  EXPECT_EQ(named(*live, "a"), kept);
}

}  // namespace
}  // namespace bongsu
