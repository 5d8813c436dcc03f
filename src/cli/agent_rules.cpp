// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_rules.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message.h"

namespace bongsu {
namespace {

struct Row {
  EventType event;
  std::string_view id;
  std::string_view name;
  std::string_view message;
  Severity severity;
  std::string_view description;
};

constexpr Row kHeartbeat = {
    EventType::heartbeat,
    "agent-heartbeat",
    "Bongsu watches",
    "{host.name} is watched: {bongsu.count} events judged",
    Severity::info,
    "Sent to a destination that asks for it (heartbeat), when nothing else waits: that it stops coming is the alarm."};

constexpr Row kRows[] = {
    {EventType::drop, "agent-drop", "Bongsu lost events", "{bongsu.count} lost: {bongsu.event} ({bongsu.reason})",
     Severity::high,
     "Some of what happened was not judged or not delivered. ring_full: events came faster than they could be judged; "
     "give the monitor more CPU or raise sensor.ring_bytes. queue_full, made_room: a sink's destination is slow "
     "or gone, and what was least severe had to go. rejected: it refuses the alerts; its log says why, and the "
     "dead-letter file has them. spool_damaged: the disk gave something else back."},
    {EventType::flood, "agent-flood", "Bongsu left out events of a flood",
     "{bongsu.count} {bongsu.event} not told: {k8s.pod.name|container.name|container.id|\"the host\"} makes more than "
     "sensor.events_per_second",
     Severity::high,
     "One container, or the host, made so many events of one kind that the kernel side told only its share of them. "
     "What others do is told as ever. Raise sensor.events_per_second where the container's work is like that."},
    {EventType::degraded, "agent-degraded", "Bongsu cannot see all that rules ask for",
     "cannot see {bongsu.event}: {bongsu.reason}", Severity::high,
     "No rule about it can match, or fields of it are missing. This host does not offer the hooks that an event needs, "
     "or the API server does not answer. Or a destination takes no alerts, or its spool cannot be used. bongsu doctor "
     "and the log say what can be done."},
    {EventType::tamper, "agent-tamper", "Bongsu was tampered with", "{bongsu.event}: {bongsu.reason}",
     Severity::critical,
     "Something was done to the monitor: it was stopped for a while, or what it set in the kernel was changed by "
     "another. Look at who may do so on the node: signals to it, and the bpf system call."},
    {EventType::rule_error, "agent-rule-error", "Bongsu did not take all that was written", "{bongsu.reason}",
     Severity::medium,
     "Rule files, or the configuration, have errors. Not in force: these rules are left out, the others run. Not "
     "reloaded: a file cannot be used at all, so what was in force before stays. bongsu rules check and bongsu config "
     "check show every error."},
    {EventType::gap, "agent-gap", "Nobody watched this host for a while",
     "nobody watched from {bongsu.gap.start} to {bongsu.gap.end} ({bongsu.reason|\"reason not known\"})",
     Severity::high,
     "The time between the end of one monitor and the start of the next one: what happened then was not judged. An "
     "upgrade or a restart takes seconds; look at whoever stopped the monitor when it was longer or not meant."},
};

Rule make_rule(const Row& row) {
  Rule rule;
  rule.id = row.id;
  rule.name = row.name;
  rule.description = row.description;
  rule.severity = row.severity;
  rule.events = {row.event};
  rule.tags = {"agent"};
  const std::array events = {row.event};
  rule.message = *parse_message(row.message, events);
  return rule;
}

std::vector<Rule> make_rules() {
  std::vector<Rule> rules;
  std::ranges::transform(kRows, std::back_inserter(rules), make_rule);
  return rules;
}

}  // namespace

const Rule& heartbeat_rule() {
  static const Rule kRule = make_rule(kHeartbeat);
  return kRule;
}

const Rule* agent_rule(EventType type) {
  static const std::vector<Rule> kRules = make_rules();
  for (const Rule& rule : kRules) {
    if (rule.events.front() == type) {
      return &rule;
    }
  }
  return nullptr;
}

}  // namespace bongsu
