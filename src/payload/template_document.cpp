// SPDX-License-Identifier: Apache-2.0
#include "payload/template_document.h"

#include <algorithm>
#include <utility>

#include "base/json_document.h"
#include "base/strings.h"

namespace bongsu {
namespace {

using nlohmann::json;

// The value, and that of the whole alert as it was written.
const json* value_of(const Placeholder& placeholder, const AlertView& alert) {
  for (const auto& path : placeholder.paths) {
    const json* found = find_path(alert.root(), path);
    if (found != nullptr && !found->is_null()) {
      return found;
    }
  }
  return nullptr;
}

void append_as_json(std::string& out, const Placeholder& placeholder, const AlertView& alert) {
  const json* value = value_of(placeholder, alert);
  if (value != nullptr) {
    out += value == &alert.root() && alert.whole() ? alert.alert().json : dumped(*value);
  } else if (placeholder.fallback) {
    append_json_string(out, *placeholder.fallback);
  } else {
    out += "null";
  }
}

void append_as_text(std::string& out, const Placeholder& placeholder, const AlertView& alert) {
  if (const json* value = value_of(placeholder, alert); value != nullptr) {
    append_text(out, *value);
  } else {
    out += placeholder.fallback.value_or("");
  }
}

}  // namespace

class TemplateDocument::Compiler {
 public:
  explicit Compiler(std::string_view text) : text_(text) {}

  Result<TemplateDocument> compile(const JsonNode& root) {
    if (Status status = add(root); !status) {
      return tl::make_unexpected(std::move(status.error()));
    }
    if (placeholders_ > kMaxPlaceholders) {
      return fail("the template has more than " + std::to_string(kMaxPlaceholders) + " placeholders",
                  "{alert} is all of the alert, {process} all of its process");
    }
    document_.steps_.push_back({std::move(before_), {}, false});
    return std::move(document_);
  }

 private:
  Status add(const JsonNode& node) {
    switch (node.kind) {
      case JsonNode::Kind::null:
        before_ += "null";
        return {};
      case JsonNode::Kind::boolean:
        before_ += node.boolean ? "true" : "false";
        return {};
      case JsonNode::Kind::integer:
      case JsonNode::Kind::number:
        before_ += number(node);
        return {};
      case JsonNode::Kind::string:
        return add_string(node.string);
      case JsonNode::Kind::array:
        return add_array(node);
      case JsonNode::Kind::object:
        return add_object(node);
    }
    return {};
  }

  // As it was written: no digit is lost.
  [[nodiscard]] std::string_view number(const JsonNode& node) const {
    const std::string_view from = text_.substr(std::min(node.offset, text_.size()));
    return from.substr(0, from.find_first_not_of("+-.0123456789eE"));
  }

  Status add_array(const JsonNode& node) {
    before_ += '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      before_ += i == 0 ? "" : ",";
      if (Status status = add_below(std::to_string(i), node.items[i]); !status) {
        return status;
      }
    }
    before_ += ']';
    return {};
  }

  Status add_object(const JsonNode& node) {
    before_ += '{';
    for (const JsonNode::Member& member : node.members) {
      before_ += &member == &node.members.front() ? "" : ",";
      append_json_string(before_, member.key);
      before_ += ':';
      if (Status status = add_below(member.key, member.value); !status) {
        return status;
      }
    }
    before_ += '}';
    return {};
  }

  Status add_below(std::string_view token, const JsonNode& node) {
    const std::size_t size = pointer_.size();
    append_pointer(pointer_, token);
    Status status = add(node);
    pointer_.resize(size);
    return status;
  }

  Status add_string(const std::string& text) {
    auto parts = parse_template_text(text);
    if (!parts) {
      return fail((pointer_.empty() ? "" : "at " + pointer_ + ": ") + parts.error().message, parts.error().hint);
    }
    if (parts->size() == 1 && !parts->front().placeholder) {
      append_json_string(before_, parts->front().literal);
      return {};
    }
    placeholders_ += parts->size();
    const bool alone = parts->size() == 1 && parts->front().literal.empty();
    document_.steps_.push_back({std::exchange(before_, {}), std::move(*parts), alone});
    return {};
  }

  std::string_view text_;
  std::string pointer_;
  std::string before_;
  std::size_t placeholders_ = 0;
  TemplateDocument document_;
};

Result<TemplateDocument> TemplateDocument::parse(std::string_view json) {
  const auto document = JsonDocument::parse(json);
  return document ? Compiler(json).compile(document->root()) : tl::make_unexpected(document.error());
}

void TemplateDocument::append(std::string& out, const AlertView& alert) const {
  for (const Step& step : steps_) {
    out += step.before;
    if (step.alone) {
      append_as_json(out, *step.parts.front().placeholder, alert);
    } else if (!step.parts.empty()) {
      std::string text;
      for (const TemplatePart& part : step.parts) {
        text += part.literal;
        if (part.placeholder) {
          append_as_text(text, *part.placeholder, alert);
        }
      }
      append_json_string(out, text);
    }
  }
}

}  // namespace bongsu
