// SPDX-License-Identifier: Apache-2.0
#include "cli/verification.h"

#include <algorithm>
#include <utility>

namespace bongsu {
namespace {

std::uint64_t& outcome_of(MonitorNumbers::Destination& destination, std::string_view outcome) {
  if (outcome == "delivered") {
    return destination.delivered;
  }
  if (outcome == "filtered") {
    return destination.filtered;
  }
  if (outcome == "rejected") {
    return destination.rejected;
  }
  return outcome == "undelivered" ? destination.undelivered : destination.refused;
}

const MonitorNumbers::Destination& of(const MonitorNumbers& numbers, const std::string& name) {
  static const MonitorNumbers::Destination kNone;
  const auto found = numbers.destinations.find(name);
  return found == numbers.destinations.end() ? kNone : found->second;
}

}  // namespace

MonitorNumbers monitor_numbers(std::span<const ReadSample> samples) {
  MonitorNumbers numbers;
  for (const ReadSample& sample : samples) {
    const auto value = static_cast<std::uint64_t>(std::max(sample.value, 0.0));
    if (sample.name == "bongsu_rule_matches_total" && sample.label("rule") == kVerifyRule) {
      numbers.matches = value;
    } else if (sample.name == "bongsu_rule_held_alerts_total" && sample.label("rule") == kVerifyRule) {
      numbers.held = value;
    } else if (sample.name == "bongsu_judged_events_total" && sample.label("event") == "exec") {
      numbers.execs = value;
    } else if (sample.name == "bongsu_alerts_waiting") {
      numbers.waiting = value;
    } else if (sample.name == "bongsu_out_of_scope_events_total") {
      numbers.out_of_scope = value;
    } else if (sample.name == "bongsu_sink_alerts_total") {
      outcome_of(numbers.destinations[std::string(sample.label("sink"))], sample.label("outcome")) += value;
    } else if (sample.name == "bongsu_sink_queued_alerts") {
      numbers.destinations[std::string(sample.label("sink"))].queued = value;
    }
  }
  return numbers;
}

// The monitor publishes its numbers all at once, and between two events: where the match is counted and no alert waits
// for its pod, every destination has been given the alert.
void Verification::look(MonitorNumbers now) {
  now_ = std::move(now);
  if (!seen_ && now_.waiting == 0 && now_.matches.value_or(0) > before_.matches.value_or(0)) {
    seen_ = now_;
  }
}

// A destination gets alerts one after the other. So when as many are through as it had been given when the match was
// seen, ours is among them.
Verification::Outcome Verification::outcome(const std::string& name) const {
  const MonitorNumbers::Destination& before = of(before_, name);
  const MonitorNumbers::Destination& now = of(now_, name);
  if (now.rejected > before.rejected || now.refused > before.refused || now.undelivered > before.undelivered) {
    return Outcome::failed;  // it may have been another's, but who can tell
  }
  const MonitorNumbers::Destination& seen = of(*seen_, name);
  if (now.settled() < seen.settled() + seen.queued) {
    return Outcome::waiting;
  }
  if (now.delivered > before.delivered) {
    return Outcome::delivered;
  }
  return seen.filtered > before.filtered ? Outcome::left_out : Outcome::failed;
}

bool Verification::settled() const {
  return seen_ && std::none_of(seen_->destinations.begin(), seen_->destinations.end(),
                               [this](const auto& entry) { return outcome(entry.first) == Outcome::waiting; });
}

std::string Verification::names(Outcome outcome) const {
  std::string names;
  for (const auto& [name, numbers] : seen_->destinations) {
    if (this->outcome(name) == outcome) {
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  return names;
}

std::string Verification::told() const {
  if (!seen_) {
    return {};
  }
  std::string out = "judged: rule " + std::string(kVerifyRule) + " matched\n";
  if (const std::string delivered = names(Outcome::delivered); !delivered.empty()) {
    out += "delivered: " + delivered + "\n";
  }
  if (const std::string left_out = names(Outcome::left_out); !left_out.empty()) {
    out += "left out: " + left_out + " (its min_severity or tags do not ask for this alert)\n";
  }
  return out;
}

Status Verification::not_matched() const {
  if (now_.out_of_scope > before_.out_of_scope && now_.execs == before_.execs) {
    return fail("the monitor left out what happens here", "see sensor.scope of its configuration");
  }
  if (now_.execs == before_.execs) {
    return fail("the monitor has judged no exec meanwhile",
                "is --url the monitor of this node? then run bongsu doctor");
  }
  return fail("the monitor judges, but has not seen this command",
              "run it on the node whose monitor --url names, and where neither sensor.scope nor an exception leaves it "
              "out");
}

Status Verification::result() const {
  if (!before_.matches) {
    return fail("the monitor has no rule " + std::string(kVerifyRule),
                "give it the default rules, or at least their monitor.json");
  }
  if (!seen_) {
    return not_matched();
  }
  if (seen_->destinations.empty()) {
    return fail("the monitor delivers to nobody", "configure stdout or a webhook");
  }
  if (seen_->held > before_.held) {
    return fail("the rule's throttle held the alert back", "wait ten seconds, and try again");
  }
  if (const std::string failed = names(Outcome::failed); !failed.empty()) {
    return fail("the alert was not delivered to " + failed, "the monitor's log says why");
  }
  if (const std::string waiting = names(Outcome::waiting); !waiting.empty()) {
    return fail("the alert still waits to be delivered to " + waiting, "the monitor's log says why");
  }
  if (names(Outcome::delivered).empty()) {
    return fail("the alert was seen, but no destination asks for it",
                "lower the min_severity of one to info, or raise the severity of the rule " + std::string(kVerifyRule));
  }
  return {};
}

}  // namespace bongsu
