// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bongsu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ConfigChanges, WhatIsReadAtTheStartIsNamed) {
  const Config before;
  Config after;
  EXPECT_THAT(changes_for_restart(before, after), IsEmpty());
  after.sensor.ring_bytes *= 2;
  after.http.ready_degraded = true;
  after.kubernetes.node_name = "n1";
  EXPECT_THAT(changes_for_restart(before, after),
              ElementsAre("http.ready_degraded", "kubernetes.node_name", "sensor.ring_bytes"));
}

TEST(ConfigChanges, WhatIsTakenWhileItRunsIsNot) {
  const Config before;
  Config after;
  after.stdout_alerts.min_severity = 4;
  after.webhooks.resize(1);
  after.kubernetes.exclude_namespaces = {"kube-system"};
  after.heartbeat_ns += 1;
  after.rules = {"/x"};
  EXPECT_THAT(changes_for_restart(before, after), IsEmpty());
}

TEST(DestinationSettings, DifferWhereItDeliversOtherwise) {
  Elements elements;
  elements.webhook.url = "http://h";
  const std::string before = destination_settings("webhooks", elements);
  const auto differs = [&](auto change) {
    Elements changed = elements;
    change(changed.webhook);
    return destination_settings("webhooks", changed) != before;
  };
  EXPECT_FALSE(differs([](WebhookConfig& webhook) { webhook.min_severity = 4; }));
  EXPECT_FALSE(differs([](WebhookConfig& webhook) { webhook.tags = {"x"}; }));
  EXPECT_FALSE(differs([](WebhookConfig& webhook) { webhook.heartbeat_ns = 1; }));
  EXPECT_TRUE(differs([](WebhookConfig& webhook) { webhook.bearer_token = "t"; }));
  EXPECT_TRUE(differs([](WebhookConfig& webhook) { webhook.hmac_key = "k"; }));
  EXPECT_TRUE(differs([](WebhookConfig& webhook) { webhook.url = "http://g"; }));
  EXPECT_TRUE(differs([](WebhookConfig& webhook) { webhook.tls.digest = "d"; }));
  EXPECT_TRUE(differs([](WebhookConfig& webhook) { webhook.spool.directory = "/s"; }));
}

TEST(DestinationSettings, AreThoseOfItsList) {
  Elements elements;
  const std::string before = destination_settings("files", elements);
  elements.webhook.url = "http://h";
  EXPECT_EQ(destination_settings("files", elements), before);
  elements.file.path = "/f";
  EXPECT_NE(destination_settings("files", elements), before);
}

}  // namespace
}  // namespace bongsu
