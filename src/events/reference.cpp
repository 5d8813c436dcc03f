// SPDX-License-Identifier: Apache-2.0
#include "events/reference.h"

#include <algorithm>
#include <iterator>

#include "base/strings.h"

namespace bongsu {
namespace {

// One JSON object or array, with the commas seen to.
class Members {
 public:
  Members(std::string& out, char open, char close) : out_(out), close_(close) { out_ += open; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  ~Members() { out_ += close_; }

  std::string& item() {
    if (!first_) {
      out_ += ',';
    }
    first_ = false;
    return out_;
  }
  std::string& key(std::string_view name) {
    append_json_string(item(), name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }

 private:
  std::string& out_;
  char close_;
  bool first_ = true;
};

void append_event(std::string& out, const EventInfo& event) {
  Members object(out, '{', '}');
  object.text("name", event.name);
  object.text("family", event.family);
  object.text("ring", to_string(event.ring));
  object.text("category", event.ecs_category);
  object.text("type", event.ecs_type);
  object.text("doc", event.doc);
  {
    Members names(object.key("fields"), '[', ']');
    for (const FieldInfo& field : fields()) {
      if (has_field(event.type, field.id)) {
        append_json_string(names.item(), field.name);
      }
    }
  }
  Members ladder(object.key("rungs"), '[', ']');
  for (const HookInfo& hook : rungs(event.type)) {
    Members rung(ladder.item(), '{', '}');
    rung.key("rung") += std::to_string(hook.rung);
    rung.text("program", hook.program);
    rung.text("hook", hook.attach);
    rung.text("blind", hook.blind);
  }
}

void append_field(std::string& out, const FieldInfo& field) {
  Members object(out, '{', '}');
  object.text("name", field.name);
  object.text("type", to_string(field.type));
  object.text("unit", to_string(field.unit));
  object.text("scope", to_string(field.scope));
  object.text("doc", field.doc);
}

}  // namespace

std::vector<std::string_view> families() {
  std::vector<std::string_view> result;
  for (const EventInfo& event : events().subspan(1)) {
    if (std::find(result.begin(), result.end(), event.family) == result.end()) {
      result.push_back(event.family);
    }
  }
  return result;
}

std::vector<EventInfo> events_of(std::string_view family) {
  std::vector<EventInfo> result;
  const auto all = events().subspan(1);
  std::copy_if(all.begin(), all.end(), std::back_inserter(result),
               [&](const EventInfo& event) { return event.family == family; });
  return result;
}

std::vector<FieldInfo> own_fields(EventType type) {
  std::vector<FieldInfo> result;
  const auto all = fields();
  std::copy_if(all.begin(), all.end(), std::back_inserter(result),
               [&](const FieldInfo& field) { return field.scope == Scope::event && has_field(type, field.id); });
  return result;
}

std::vector<HookInfo> rungs(EventType type) {
  std::vector<HookInfo> result;
  const auto all = hooks();
  std::copy_if(all.begin(), all.end(), std::back_inserter(result),
               [&](const HookInfo& hook) { return hook.event == type; });
  return result;
}

std::vector<EventInfo> events_with(FieldId id) {
  std::vector<EventInfo> result;
  const auto all = events().subspan(1);
  std::copy_if(all.begin(), all.end(), std::back_inserter(result),
               [&](const EventInfo& event) { return has_field(event.type, id); });
  return result;
}

std::string events_json() {
  std::string out;
  {
    Members object(out, '{', '}');
    {
      Members list(object.key("events"), '[', ']');
      for (const EventInfo& event : events().subspan(1)) {
        append_event(list.item() += '\n', event);
      }
    }
    Members list(object.key("fields"), '[', ']');
    for (const FieldInfo& field : fields()) {
      append_field(list.item() += '\n', field);
    }
  }
  return out += '\n';
}

}  // namespace bongsu
