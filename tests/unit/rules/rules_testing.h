// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the rules room share: rules and events from text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_document.h"
#include "rules/engine.h"
#include "rules/json_event_view.h"

namespace bongsu::testing {

// A file with one rule "r" on `events`, with `match` as its match.
inline std::string file_with_match(std::string_view match, std::string_view events = R"("exec")") {
  return R"({"rules": [{"id": "r", "name": "R", "severity": "low", "event": )" + std::string(events) +
         R"(, "match": )" + std::string(match) + "}]}";
}

inline LoadedRules load_text(std::string text) {
  std::vector<RuleSource> sources;
  sources.push_back({"rules.json", std::move(text)});
  return load_rule_sources(std::move(sources), 0);
}

inline std::string all_text(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    text += diagnostic.to_string() + '\n';
  }
  return text;
}

// An event from a flat object of fields.
inline JsonEventView event_of(EventType type, const std::string& fields) {
  JsonEventView event(type);
  const Result<JsonDocument> document = JsonDocument::parse(fields);
  EXPECT_TRUE(document) << fields;
  for (const JsonNode::Member& member : document->root().members) {
    const Status status = event.set(find_field(member.key).value(), member.value);
    EXPECT_TRUE(status) << status.error().to_string();
  }
  return event;
}

// The ids of the rules that match, in order.
inline std::vector<std::string> fired(const Ruleset& rules, const EventView& event) {
  std::vector<std::string> ids;
  rules.judge(event, [&](const Match& match) { ids.push_back(rules.rules()[match.rule].id); });
  return ids;
}

// Whether a rule with this match fires on an exec event with these fields. The match has to be free of errors.
inline bool matches(std::string_view match, const std::string& fields, EventType type = EventType::exec) {
  const LoadedRules loaded = load_text(file_with_match(match, '"' + std::string(info(type).name) + '"'));
  EXPECT_FALSE(loaded.has_errors()) << all_text(loaded.diagnostics);
  return loaded.rules != nullptr && !fired(*loaded.rules, event_of(type, fields)).empty();
}

}  // namespace bongsu::testing
