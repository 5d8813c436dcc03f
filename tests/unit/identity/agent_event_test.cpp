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

TEST(AgentEvent, LeavesOutWhatIsNotKnown) {
  const AgentEvent event(EventType::drop, {});
  EXPECT_FALSE(event.value(FieldId::agent_event).has_value());
  EXPECT_FALSE(event.value(FieldId::host_name).has_value());
  EXPECT_FALSE(event.value(FieldId::process_pid).has_value());
  EXPECT_FALSE(event.value(FieldId::container_id).has_value());
}

}  // namespace
}  // namespace bongsu
