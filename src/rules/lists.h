// SPDX-License-Identifier: Apache-2.0
//
// The named lists of all rule files. A list may hold others: ["$shells", "expect"]. Borrows the documents.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/report.h"

namespace bongsu {

// "$name" in an operand means a list; "$$name" is the text "$name". A `$` before anything but a letter, a digit or `_`
// is itself.
[[nodiscard]] bool is_reference(std::string_view text);
// The text that an operand which is no reference stands for.
[[nodiscard]] std::string unescape_reference(std::string_view text);

class Lists {
 public:
  // Reads a file's "lists" object; a name that is there already is an error. `report` stays the file's own.
  void add(const Cursor& lists, Report& report);

  // Checks every list's references. After all add().
  void resolve();

  // The scalars of "$name". The error has a hint.
  [[nodiscard]] Result<std::span<const JsonNode* const>> find(std::string_view reference) const;

 private:
  enum class State : std::uint8_t { waiting, open, done, bad };
  struct List {
    const JsonNode* array = nullptr;
    Report* report = nullptr;
    std::string pointer;
    std::vector<const JsonNode*> items;
    State state = State::waiting;
  };
  void resolve(const std::string& name, List& list, std::size_t depth);
  [[nodiscard]] Error unknown(std::string_view reference) const;

  std::map<std::string, List, std::less<>> lists_;
  std::size_t total_items_ = 0;
};

}  // namespace bongsu
