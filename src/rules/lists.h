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

// What lists and macros may be called.
[[nodiscard]] bool is_reference_name(std::string_view name);

class Lists {
 public:
  // Reads a file's "lists" object; a name that is there already is an error. `report` stays the file's own.
  void add(const Cursor& lists, Report& report);

  // Reads a file's "extends_lists" object: items for lists that are there. After all add(), before resolve().
  void extend(const Cursor& lists, Report& report);

  // Checks every list's references. After all add().
  void resolve();

  [[nodiscard]] bool has(std::string_view reference) const { return lists_.contains(reference.substr(1)); }
  // The scalars of "$name". The error has a hint.
  [[nodiscard]] Result<std::span<const JsonNode* const>> find(std::string_view reference) const;

 private:
  enum class State : std::uint8_t { waiting, open, done, bad };
  struct Part {
    const JsonNode* array = nullptr;
    Report* report = nullptr;
    std::string pointer;
  };
  struct List {
    std::vector<Part> parts;  // the list itself, then what extends it
    std::vector<const JsonNode*> items;
    State state = State::waiting;
  };
  void resolve(const std::string& name, List& list, std::size_t depth);
  bool resolve(const std::string& name, List& list, const Part& part, std::size_t depth);
  [[nodiscard]] Error unknown(std::string_view reference) const;

  std::map<std::string, List, std::less<>> lists_;
  std::size_t total_items_ = 0;
};

}  // namespace bongsu
