// SPDX-License-Identifier: Apache-2.0
#include "alert/members.h"

#include <algorithm>
#include <iterator>

#include "alert/ecs_names.h"
#include "rules/rule.h"

namespace bongsu {
namespace {

std::vector<std::string> all_events() {
  std::vector<std::string> names;
  for (const EventInfo& event : events().subspan(1)) {
    names.emplace_back(event.name);
  }
  return names;
}

// What alert/builder.cpp writes beside the event's fields.
std::vector<AlertMember> envelope() {
  using enum FieldType;
  return {
      {"event.id", string, true, {}, "The same for the same alert, however often it is delivered: a UUID."},
      {"event.kind",
       string,
       true,
       {"alert", "pipeline_error", "event"},
       "alert; pipeline_error, when the monitor speaks of itself; event: a heartbeat."},
      {"event.severity", integer, true, {}, "rule.severity as a number: 1 info, 2 low, 3 medium, 4 high, 5 critical."},
      {"rule.id", string, true, {}, "The rule that fired."},
      {"rule.name", string, true, {}, "What it is called."},
      {"rule.description", string, false, {}, "Why it matters, as the rule says."},
      {"rule.severity", string, true, {kSeverityNames.begin(), kSeverityNames.end()}, "How grave it is."},
      {"threat.framework", string, false, {"MITRE ATT&CK"}, "Where threat.technique.id is explained."},
      {"threat.technique.id", string_list, false, {}, "Techniques that the rule names, as T1059.004."},
      {"tags", string_list, false, {}, "Those of the rule."},
      {"bongsu.rollup.count", integer, false, {}, "Of an alert that tells of several that were held back: how many."},
      {"bongsu.rollup.first", date, false, {}, "When the first of them happened."},
      {"bongsu.rollup.last", date, false, {}, "When the last of them happened."},
      {"message", string, true, {}, "What happened, in one line, as the rule words it; at most 4 KiB."},
      {"ecs.version", string, true, {std::string(kEcsVersion)}, "Version of the Elastic Common Schema."},
      {"agent.name", string, true, {"bongsu"}, "bongsu."},
      {"agent.type", string, true, {"bongsu"}, "bongsu."},
      {"agent.version", string, true, {}, "Version of the monitor."},
  };
}

}  // namespace

std::vector<AlertMember> alert_members() {
  std::vector<AlertMember> members;
  members.reserve(fields().size());
  for (const FieldInfo& field : fields()) {
    AlertMember member{field.name, field.type, false, {}, field.doc};
    if (field.id == FieldId::event_action) {
      member.always = true;
      member.values = all_events();
    }
    members.push_back(std::move(member));
  }
  std::ranges::move(envelope(), std::back_inserter(members));
  return members;
}

}  // namespace bongsu
