// SPDX-License-Identifier: Apache-2.0
//
// The named conditions of all rule files: "$in_container" as an element of all, any or not. A macro is read anew
// wherever it is used, for the fields it may name are those of the rule's events. Borrows the documents.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rules/lists.h"
#include "rules/report.h"

namespace bongsu {

class Macros {
 public:
  struct Macro {
    const JsonNode* body = nullptr;
    const Report* report = nullptr;  // of its file
  };

  // Reads a file's "macros" object; a name that is there already is an error. `report` stays the file's own.
  void add(const Cursor& macros, Report& report);

  // By "$name". The error has a hint.
  [[nodiscard]] Result<Macro> find(std::string_view reference) const;

 private:
  std::map<std::string, Macro, std::less<>> macros_;
};

// What the files of one load have named.
struct Vocabulary {
  Lists lists;
  Macros macros;
};

}  // namespace bongsu
