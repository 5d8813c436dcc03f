// SPDX-License-Identifier: Apache-2.0
//
// The checker of one rule, all of its keys.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rules/check_match.h"
#include "rules/ir.h"
#include "rules/macros.h"
#include "rules/report.h"

namespace bongsu {

// What the rules of one load share.
struct LoadContext {
  Vocabulary vocabulary;
  ConditionBytes bytes;
  std::int64_t now_ns = 0;          // since the Unix epoch: what has expired by then no longer applies
  std::int64_t next_expiry_ns = 0;  // of the exceptions in force the earliest; 0: none expires
  std::size_t expired = 0;          // exceptions
};

class RuleChecker {
 public:
  RuleChecker(Report& report, LoadContext& load) : report_(report), load_(load) {}

  // Nothing when an error was told.
  [[nodiscard]] std::optional<ir::Rule> check(const Cursor& at);

  // A rule that changes another, {"extends": ID, ...}. `base` is as before when an error was told.
  void extend(const Cursor& at, ir::Rule& base);

 private:
  void keys(const Cursor& at, std::span<const std::string_view> known);
  // `of`: what is incomplete without it.
  void text(const Cursor& at, std::string_view key, bool required, std::string& out, std::string_view of = "rule");
  void strings(const Cursor& at, std::string_view key, std::vector<std::string>& out);
  void flag(const Cursor& at, std::string_view key, bool& out);
  void id(const Cursor& at, Rule& head);
  void severity(const Cursor& at, bool required, Severity& out);
  void attack(const Cursor& at, Rule& head);
  void message(const Cursor& at, Rule& head, std::span<const EventType> events);

  // check_step.cpp
  void step(const Cursor& at, std::span<const ir::Step> earlier, std::vector<StepReference>* references, ir::Step& out);
  void events(const Cursor& at, ir::Step& out, std::vector<ir::Condition>& guards);
  void event(const Cursor& at, ir::Step& out, std::vector<ir::Condition>& guards, std::vector<EventType>& whole);
  void ask(const Cursor& at, MatchContext context, bool both, ir::Condition& path, ir::Condition& target);

  // check_windows.cpp
  void throttle(const Cursor& at, ir::Rule& rule);
  void count(const Cursor& at, ir::Rule& rule);
  void sequence(const Cursor& at, ir::Rule& rule);
  void sequence_steps(const Cursor& at, ir::Rule& rule);
  void fields(const Cursor& at, std::span<const EventType> events, std::vector<FieldId>& out);
  void duration(const Cursor& at, std::int64_t& out_ns);
  void number(const Cursor& at, std::int64_t least, std::int64_t most, std::uint32_t& out);
  bool required(const Cursor& at, std::string_view of, std::span<const std::string_view> keys);

  // check_exceptions.cpp
  void exceptions(const Cursor& at, ir::Rule& rule);
  void exception(const Cursor& at, const ir::Step& step, ir::Rule& rule);

  // check_tests.cpp
  void tests(const Cursor& at, ir::Rule& rule);
  void test(const Cursor& at, ir::Rule& rule);
  bool test_event(const Cursor& at, const ir::Rule& rule, InlineTest& test);
  void repeat(const Cursor& at, InlineTest& test);
  void vary(const Cursor& at, InlineTest& test);

  Report& report_;
  LoadContext& load_;
};

// Of an exception that has expired.
[[nodiscard]] std::string expired_text(std::string_view rule_id, std::string_view exception);
inline constexpr std::string_view kExpiredHint = "take it out, or give it a later date";

// A rule's id: lowercase letters, digits, dashes.
[[nodiscard]] bool is_rule_id(std::string_view id);

// The member of the object, or null.
[[nodiscard]] const JsonNode::Member* find_member(const Cursor& at, std::string_view key);

// An unknown key of an object.
void refuse_key(Report& report, const Cursor& at, std::string_view key, std::span<const std::string_view> known);

}  // namespace bongsu
