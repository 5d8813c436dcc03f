// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/strings.h"
#include "rules/engine.h"

namespace bongsu {

std::string Diagnostic::to_string() const {
  std::string text = file;
  if (line != 0) {
    text += ':' + std::to_string(line) + ':' + std::to_string(column);
  }
  text += level == Level::warning ? ": warning: " : ": ";
  if (!pointer.empty()) {
    text += pointer + ": ";
  }
  text += message;
  if (!hint.empty()) {
    text += ": " + hint;
  }
  // Names come from the file: one diagnostic stays one line whatever they hold.
  std::string printable;
  append_printable(printable, text);
  return printable;
}

bool LoadedRules::has_errors() const {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& d) { return d.level == Diagnostic::Level::error; });
}

}  // namespace bongsu
