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

TEST(WebhookSettings, DifferWhereItDeliversOtherwise) {
  WebhookConfig webhook;
  webhook.url = "http://h";
  const std::string before = webhook_settings(webhook);
  webhook.min_severity = 4;
  webhook.tags = {"x"};
  EXPECT_EQ(webhook_settings(webhook), before);
  webhook.bearer_token = "t";
  EXPECT_NE(webhook_settings(webhook), before);
  webhook.bearer_token.clear();
  webhook.url = "http://g";
  EXPECT_NE(webhook_settings(webhook), before);
  webhook.url = "http://h";
  webhook.retry_max_ns += 1'000'000;
  EXPECT_NE(webhook_settings(webhook), before);
}

}  // namespace
}  // namespace bongsu
