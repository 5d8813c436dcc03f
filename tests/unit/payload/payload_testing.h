// SPDX-License-Identifier: Apache-2.0
//
// Alerts made by the real builder, and bodies of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert/builder.h"
#include "payload/registry.h"
#include "rules/message.h"
#include "support/fake_event.h"

namespace bongsu {

inline constexpr std::int64_t kThen = 1'795'246'460'123'456'789;  // 2026-11-21T07:34:20.123456789Z

using SharedAlert = std::shared_ptr<const Alert>;

inline Rule shell_rule() {
  Rule rule;
  rule.id = "shell-from-server-process";
  rule.name = "A server process started a shell";
  rule.description = "Why it matters.";
  rule.severity = Severity::high;
  rule.events = {EventType::exec};
  rule.message = *parse_message("{process.name} started by {process.parent.name}", rule.events);
  rule.tags = {"container", "shell"};
  rule.attack = {"T1059.004"};
  return rule;
}

inline FakeEvent shell_event() {
  FakeEvent event(EventType::exec);
  event.date(FieldId::timestamp, kThen)
      .text(FieldId::event_action, "exec")
      .text(FieldId::host_name, "node-1")
      .number(FieldId::process_pid, 815)
      .text(FieldId::process_name, "sh")
      .text(FieldId::process_executable, "/bin/sh")
      .list(FieldId::process_args, {"sh", "-c", "id"})
      .text(FieldId::process_command_line, "sh -c id")
      .text(FieldId::process_parent_name, "nginx")
      .number(FieldId::process_parent_pid, 812)
      .text(FieldId::container_id, std::string(64, 'a'))
      .text(FieldId::container_image_name, "docker.io/library/nginx")
      .text(FieldId::container_image_tag, "1.27")
      .text(FieldId::k8s_namespace_name, "shop")
      .text(FieldId::k8s_pod_name, "web-7d4b")
      .text(FieldId::k8s_container_name, "web")
      .map(FieldId::k8s_pod_label, {"app", "web", "app.kubernetes.io/name", "shop-web"});
  return event;
}

inline SharedAlert make_alert(const FakeEvent& event = shell_event(), const Rule& rule = shell_rule(),
                              const Rollup* rollup = nullptr) {
  return AlertBuilder({.version = "1.2.3"}).build(event, rule, rollup);
}

// As a spool of another version may hold it: `json` is what it likes.
inline SharedAlert odd_alert(std::string json) {
  Alert alert = *make_alert();
  alert.json = std::move(json);
  return std::make_shared<const Alert>(std::move(alert));
}

inline SharedAlert heartbeat() {
  FakeEvent event(EventType::heartbeat);
  event.date(FieldId::timestamp, kThen)
      .text(FieldId::event_action, "heartbeat")
      .text(FieldId::host_name, "node-1")
      .number(FieldId::agent_count, 4711);
  Rule rule;
  rule.id = "agent-heartbeat";
  rule.name = "Bongsu is alive";
  rule.severity = Severity::info;
  rule.events = {EventType::heartbeat};
  rule.message = *parse_message("{bongsu.count} events judged", rule.events);
  rule.tags = {"agent"};
  return make_alert(event, rule);
}

inline std::unique_ptr<PayloadFormat> make_format(std::string_view name, PayloadOptions options = {}) {
  options.version = "1.2.3";
  auto format = make_payload_format(name, options);
  EXPECT_TRUE(format) << format.error().to_string();
  return std::move(format).value();
}

inline std::string body(std::string_view name, const std::vector<SharedAlert>& alerts, PayloadOptions options = {}) {
  return make_format(name, std::move(options))->body(alerts);
}

inline nlohmann::json json_body(std::string_view name, const std::vector<SharedAlert>& alerts,
                                PayloadOptions options = {}) {
  return nlohmann::json::parse(body(name, alerts, std::move(options)));
}

}  // namespace bongsu
