// SPDX-License-Identifier: Apache-2.0
//
// A broken rule file with a mark where the only error of it is.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "unit/rules/rules_testing.h"

namespace bongsu::testing {

inline constexpr std::string_view kMark = "@@";

struct Broken {
  std::string text;
  std::string pointer;
  std::string message;  // part of it
  std::string hint;     // part of it
};

// `members` of a rule that is complete but for them: an event, mostly.
inline std::string in_rule(const std::string& members) {
  return "{\n  \"rules\": [\n    { \"id\": \"a\", \"name\": \"A\", \"severity\": \"low\",\n      " + members +
         " }\n  ]\n}\n";
}

inline std::string in_exec(const std::string& members) { return in_rule("\"event\": \"exec\",\n\t" + members); }

inline std::string in_match(const std::string& match) { return in_exec("\"match\": {\n    " + match + "\n  }"); }

// The only error of the file is at the mark.
inline void expect_error(const Broken& broken) {
  SCOPED_TRACE(broken.text);
  std::string text = broken.text;
  const std::size_t mark = text.find(kMark);
  ASSERT_NE(mark, std::string::npos);
  text.erase(mark, kMark.size());
  ASSERT_EQ(text.find(kMark), std::string::npos);
  const auto line =
      static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(mark), '\n'));
  const std::size_t line_start = mark == 0 ? std::string::npos : text.rfind('\n', mark - 1);
  const std::size_t column = line_start == std::string::npos ? mark + 1 : mark - line_start;

  const LoadedRules loaded = load_text(text);
  ASSERT_EQ(loaded.diagnostics.size(), 1U) << all_text(loaded.diagnostics);
  const Diagnostic& error = loaded.diagnostics[0];
  EXPECT_EQ(error.level, Diagnostic::Level::error);
  EXPECT_EQ(error.file, "rules.json");
  EXPECT_EQ(error.line, line + 1) << error.to_string();
  EXPECT_EQ(error.column, column) << error.to_string();
  EXPECT_EQ(error.pointer, broken.pointer) << error.to_string();
  EXPECT_NE(error.message.find(broken.message), std::string::npos) << error.to_string();
  EXPECT_NE(error.hint.find(broken.hint), std::string::npos) << error.to_string();
  EXPECT_TRUE(loaded.has_errors());
}

}  // namespace bongsu::testing
