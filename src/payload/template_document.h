// SPDX-License-Identifier: Apache-2.0
//
// A JSON document with placeholders in its strings, checked once and filled in for each alert. A string that is one
// placeholder and nothing else becomes the value itself, with its type: a number, a list, an object; null when the
// alert does not have it. In any other string values stand as text, and what is missing is empty. Keys stay as they
// are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "payload/alert_view.h"
#include "payload/template_text.h"

namespace bongsu {

class TemplateDocument {
 public:
  // A body is as large as what it quotes: an alert may hold 16 KiB of arguments.
  static constexpr std::size_t kMaxPlaceholders = 256;

  // The error names the place: line and column where it is no JSON, else the pointer of the string (RFC 6901).
  [[nodiscard]] static Result<TemplateDocument> parse(std::string_view json);

  void append(std::string& out, const AlertView& alert) const;

 private:
  class Compiler;
  struct Step {
    std::string before;               // JSON text
    std::vector<TemplatePart> parts;  // of the string behind it; none: the end
    bool alone = false;               // one placeholder is all that the string has
  };
  std::vector<Step> steps_;
};

}  // namespace bongsu
