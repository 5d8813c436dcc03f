// SPDX-License-Identifier: Apache-2.0
//
// A string of a template, read once: text and placeholders, in the syntax of rules' messages (rules/message.h).
//   {process.name}                         what the alert has by this name
//   {k8s.pod.name|container.id|"the host"} the first that is there, else the text
//   {alert}                                all of the alert
//   {{ and }}                              braces
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bongsu {

struct Placeholder {
  std::vector<std::vector<std::string>> paths;  // of keys, in order of preference; an empty one is the whole alert
  std::optional<std::string> fallback;
};

struct TemplatePart {
  std::string literal;                     // before the placeholder
  std::optional<Placeholder> placeholder;  // none: at the end
};

[[nodiscard]] Result<std::vector<TemplatePart>> parse_template_text(std::string_view text);

}  // namespace bongsu
