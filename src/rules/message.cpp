// SPDX-License-Identifier: Apache-2.0
#include "rules/message.h"

#include <algorithm>

#include "base/strings.h"
#include "events/event_json.h"
#include "rules/names.h"

namespace bongsu {
namespace {

constexpr std::string_view kNoValue = "-";

std::string printable(std::string_view text) {
  std::string result;
  append_printable(result, text);
  return result;
}

class MessageParser {
 public:
  MessageParser(std::string_view text, std::span<const EventType> events) : rest_(text), events_(events) {}

  Result<std::vector<MessagePart>> parse() {
    std::vector<MessagePart> parts;
    std::string literal;
    while (!rest_.empty()) {
      const std::size_t brace = std::min(rest_.find_first_of("{}"), rest_.size());
      literal += rest_.substr(0, brace);
      rest_.remove_prefix(brace);
      if (rest_.starts_with("{{") || rest_.starts_with("}}")) {
        literal += rest_.front();
        rest_.remove_prefix(2);
      } else if (rest_.starts_with('}')) {
        return fail("a } in the message closes nothing", "write }} for the character itself");
      } else if (!rest_.empty()) {
        rest_.remove_prefix(1);
        MessagePart part;
        part.literal = printable(literal);
        literal.clear();
        if (Status status = placeholder(part); !status) {
          return tl::make_unexpected(std::move(status.error()));
        }
        parts.push_back(std::move(part));
      }
    }
    if (!literal.empty()) {
      parts.push_back({printable(literal), {}, {}});
    }
    return parts;
  }

 private:
  // After the opening brace; takes the closing one.
  Status placeholder(MessagePart& part) {
    part.fallback = kNoValue;
    for (;;) {
      if (rest_.starts_with('"')) {
        const std::size_t quote = rest_.find('"', 1);
        if (quote == std::string_view::npos || !rest_.substr(quote + 1).starts_with('}')) {
          return fail("the text in a placeholder comes last and ends with a quote",
                      R"(as in {container.id|"the host"})");
        }
        part.fallback = printable(rest_.substr(1, quote - 1));
        rest_.remove_prefix(quote + 2);
        break;
      }
      const std::size_t end = rest_.find_first_of("|}{\"");
      if (end == std::string_view::npos || rest_[end] == '{' || rest_[end] == '"') {
        return fail("a placeholder in the message is not closed", "write {{ for the character itself");
      }
      if (Status status = field(rest_.substr(0, end), part); !status) {
        return status;
      }
      const bool last = rest_[end] == '}';
      rest_.remove_prefix(end + 1);
      if (last) {
        break;
      }
    }
    if (part.fields.empty()) {
      return fail("a placeholder names no field", "write the text without braces");
    }
    return {};
  }

  Status field(std::string_view name, MessagePart& part) {
    if (name.empty()) {
      return fail("a placeholder in the message names no field", "write {{ for the character itself");
    }
    Result<FieldId> id = resolve_field(name, {});
    if (!id) {
      return fail(id.error().message + " \"" + std::string(name) + "\" in the message", std::move(id.error().hint));
    }
    const bool possible = std::ranges::any_of(events_, [&](EventType event) { return has_field(event, *id); });
    if (!possible && !events_.empty()) {
      return fail("none of the rule's events has the field " + std::string(name) + " of the message");
    }
    part.fields.push_back(*id);
    return {};
  }

  std::string_view rest_;
  std::span<const EventType> events_;
};

}  // namespace

Result<std::vector<MessagePart>> parse_message(std::string_view text, std::span<const EventType> events) {
  return MessageParser(text, events).parse();
}

std::string render_message(const Rule& rule, const EventView& event) {
  std::string text;
  for (const MessagePart& part : rule.message) {
    text += part.literal;
    const std::size_t before = text.size();
    for (const FieldId id : part.fields) {
      append_value_text(text, event.value(id));
      if (text.size() != before) {
        break;
      }
    }
    if (text.size() == before) {
      text += part.fallback;
    }
  }
  return text;
}

}  // namespace bongsu
