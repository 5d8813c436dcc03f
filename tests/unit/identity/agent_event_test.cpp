// SPDX-License-Identifier: Apache-2.0
#include "identity/agent_event.h"

#include <gtest/gtest.h>

#include <string>

#include "events/event_json.h"

namespace bongsu {
namespace {

TEST(AgentEvent, TellsWhatWasLost) {
  const AgentEvent event(EventType::drop, {"node-1", 1'000'000'000, "exec", "ring_full", 17});
  EXPECT_EQ(event.type(), EventType::drop);
  std::string json;
  append_event_json(json, event);
  EXPECT_EQ(json,
            R"({"@timestamp":"1970-01-01T00:00:01.000000000Z","event":{"action":"drop","category":["process"],)"
            R"("type":["error"]},"host":{"name":"node-1"},"bongsu":{"event":"exec","reason":"ring_full","count":17}})");
}

TEST(AgentEvent, TellsBetweenWhichTimesNobodyWatched) {
  const AgentEvent event(
      EventType::gap,
      {.wall_ns = 9'000'000'000, .reason = "stopped", .gap_start_ns = 5'000'000'000, .gap_end_ns = 8'000'000'000});
  std::string json;
  append_event_json(json, event);
  EXPECT_EQ(json, R"({"@timestamp":"1970-01-01T00:00:09.000000000Z","event":{"action":"gap","category":["process"],)"
                  R"("type":["error"]},"bongsu":{"reason":"stopped","gap":{"start":"1970-01-01T00:00:05.000000000Z",)"
                  R"("end":"1970-01-01T00:00:08.000000000Z"}}})");
}

TEST(AgentEvent, TellsWhoseFloodItIs) {
  const AgentEvent event(EventType::flood, {.event = "open",
                                            .count = 3,
                                            .container_id = "c1",
                                            .container_name = "nginx",
                                            .pod_namespace = "shop",
                                            .pod_name = "web-1",
                                            .pod_uid = "u1"});
  EXPECT_EQ(event.value(FieldId::container_name).string(), "nginx");
  EXPECT_EQ(event.value(FieldId::k8s_namespace_name).string(), "shop");
  EXPECT_EQ(event.value(FieldId::k8s_pod_name).string(), "web-1");
  EXPECT_EQ(event.value(FieldId::k8s_pod_uid).string(), "u1");
  EXPECT_FALSE(event.value(FieldId::agent_gap_start).has_value());
}

TEST(AgentEvent, LeavesOutWhatIsNotKnown) {
  const AgentEvent event(EventType::drop, {});
  EXPECT_FALSE(event.value(FieldId::agent_event).has_value());
  EXPECT_FALSE(event.value(FieldId::host_name).has_value());
  EXPECT_FALSE(event.value(FieldId::process_pid).has_value());
  EXPECT_FALSE(event.value(FieldId::container_id).has_value());
}

}  // namespace
}  // namespace bongsu
