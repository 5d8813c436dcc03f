// SPDX-License-Identifier: Apache-2.0
//
// The checker of one rule, all of its keys.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "rules/ir.h"
#include "rules/lists.h"
#include "rules/report.h"

namespace bongsu {

class RuleChecker {
 public:
  RuleChecker(Report& report, const Lists& lists, std::size_t& memory_bytes)
      : report_(report), lists_(lists), memory_bytes_(memory_bytes) {}

  // Nothing when an error was told.
  [[nodiscard]] std::optional<ir::Rule> check(const Cursor& at);

 private:
  void keys(const Cursor& at);
  void events(const Cursor& at, std::vector<EventType>& out);
  void event(const Cursor& at, std::vector<EventType>& out);
  void text(const Cursor& at, std::string_view key, bool required, std::string& out);
  void strings(const Cursor& at, std::string_view key, std::vector<std::string>& out);
  void id(const Cursor& at, Rule& head);
  void severity(const Cursor& at, Rule& head);
  void attack(const Cursor& at, Rule& head);
  void message(const Cursor& at, Rule& head);
  void tests(const Cursor& at, ir::Rule& rule);
  void test(const Cursor& at, ir::Rule& rule);
  void test_event(const Cursor& at, const ir::Rule& rule, InlineTest& test);

  Report& report_;
  const Lists& lists_;
  std::size_t& memory_bytes_;
};

// A rule's id: lowercase letters, digits, dashes.
[[nodiscard]] bool is_rule_id(std::string_view id);

// An unknown key of an object, or one of a later version.
void refuse_key(Report& report, const Cursor& at, std::string_view key, std::span<const std::string_view> known,
                std::span<const std::string_view> later);

}  // namespace bongsu
