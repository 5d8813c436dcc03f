// SPDX-License-Identifier: Apache-2.0
#include "payload/template_text.h"

#include <algorithm>
#include <utility>

#include "payload/alert_fields.h"
#include "payload/alert_view.h"

namespace bongsu {
namespace {

constexpr std::string_view kWholeAlert = "alert";

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<std::vector<TemplatePart>> parse() {
    std::vector<TemplatePart> parts;
    std::string literal;
    while (!rest_.empty()) {
      const std::size_t brace = std::min(rest_.find_first_of("{}"), rest_.size());
      literal += rest_.substr(0, brace);
      rest_.remove_prefix(brace);
      if (rest_.starts_with("{{") || rest_.starts_with("}}")) {
        literal += rest_.front();
        rest_.remove_prefix(2);
      } else if (rest_.starts_with('}')) {
        return fail("a } closes nothing", "write }} for the character itself");
      } else if (!rest_.empty()) {
        rest_.remove_prefix(1);
        auto found = placeholder();
        if (!found) {
          return tl::make_unexpected(std::move(found.error()));
        }
        parts.push_back({std::exchange(literal, {}), std::move(*found)});
      }
    }
    if (!literal.empty() || parts.empty()) {
      parts.push_back({std::move(literal), std::nullopt});
    }
    return parts;
  }

 private:
  // After the opening brace; takes the closing one.
  Result<Placeholder> placeholder() {
    Placeholder result;
    for (bool last = false; !last;) {
      if (rest_.starts_with('"')) {
        const std::size_t quote = rest_.find('"', 1);
        if (quote == std::string_view::npos || !rest_.substr(quote + 1).starts_with('}')) {
          return fail("the text in a placeholder comes last and ends with a quote",
                      R"(as in {container.id|"the host"}, with \" in JSON)");
        }
        result.fallback = std::string(rest_.substr(1, quote - 1));
        rest_.remove_prefix(quote + 2);
        break;
      }
      const std::size_t end = rest_.find_first_of("|}{\"");
      if (end == std::string_view::npos || rest_[end] == '{' || rest_[end] == '"') {
        return fail("a placeholder is not closed", "write {{ for the character itself");
      }
      if (Status status = field(rest_.substr(0, end), result); !status) {
        return tl::make_unexpected(std::move(status.error()));
      }
      last = rest_[end] == '}';
      rest_.remove_prefix(end + 1);
    }
    if (result.paths.empty()) {
      return fail("a placeholder names no field", "write the text without braces");
    }
    return result;
  }

  static Status field(std::string_view name, Placeholder& result) {
    if (name.empty()) {
      return fail("a placeholder names no field", "write {{ for the character itself");
    }
    if (name == kWholeAlert) {
      result.paths.emplace_back();
      return {};
    }
    if (Status status = check_alert_field(name); !status) {
      return status;
    }
    result.paths.push_back(field_path(name));
    return {};
  }

  std::string_view rest_;
};

}  // namespace

Result<std::vector<TemplatePart>> parse_template_text(std::string_view text) { return Parser(text).parse(); }

}  // namespace bongsu
