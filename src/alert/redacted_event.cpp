// SPDX-License-Identifier: Apache-2.0
#include "alert/redacted_event.h"

#include <algorithm>
#include <array>
#include <utility>

#include "events/keyed_field.h"

namespace bongsu {
namespace {

// Texts of the monitor's own, ids, and names of a form that the kernel or the cluster checks. Names that wire members
// choose from (names.h) are left out besides.
constexpr std::array kPlain{
    FieldId::agent_event,
    FieldId::agent_reason,
    FieldId::event_action,
    FieldId::event_category,
    FieldId::event_type,
    FieldId::event_outcome,
    FieldId::host_name,
    FieldId::process_entity_id,
    FieldId::process_parent_entity_id,
    FieldId::process_target_entity_id,
    FieldId::process_capabilities_effective,
    FieldId::process_namespaces,
    FieldId::container_id,
    FieldId::container_target_id,
    FieldId::container_runtime,
    FieldId::container_name,
    FieldId::container_kind,
    FieldId::container_image_name,
    FieldId::container_image_tag,
    FieldId::container_image_hash,
    FieldId::container_metadata,
    FieldId::k8s_node_name,
    FieldId::k8s_namespace_name,
    FieldId::k8s_pod_name,
    FieldId::k8s_pod_uid,
    FieldId::k8s_container_name,
    FieldId::k8s_deployment_name,
    FieldId::k8s_replicaset_name,
    FieldId::k8s_statefulset_name,
    FieldId::k8s_daemonset_name,
    FieldId::k8s_job_name,
    FieldId::k8s_cronjob_name,
    FieldId::k8s_owner_kind,
    FieldId::k8s_owner_name,
    FieldId::error_code,
    FieldId::syscall_name,
    FieldId::syscall_abi,
    FieldId::file_system_type,
    FieldId::network_type,
    FieldId::dns_type,
    FieldId::dns_question_name,
    FieldId::dns_question_type,
    FieldId::dns_response_code,
    FieldId::capabilities_effective,
    FieldId::capabilities_permitted,
    FieldId::capabilities_inheritable,
};

// A shorter one would be found everywhere.
constexpr std::size_t kMinHiddenBytes = 4;

using LookedThrough = std::array<bool, kFieldCount>;

LookedThrough looked_through() {
  LookedThrough result{};
  for (const FieldInfo& field : fields()) {
    result[static_cast<std::size_t>(field.id)] =
        field.type == FieldType::string || field.type == FieldType::string_list || field.type == FieldType::string_map;
  }
  for (const WireMember& member : wire_members()) {
    if (member.field != FieldId::none && member.kind != WireKind::string && member.kind != WireKind::target) {
      result[static_cast<std::size_t>(member.field)] = false;
    }
  }
  for (const FieldId id : kPlain) {
    result[static_cast<std::size_t>(id)] = false;
  }
  return result;
}

bool next_item(const void* source, std::uint64_t, std::uint64_t& cursor, std::string_view& out) {
  const auto& items = *static_cast<const std::vector<std::string>*>(source);
  if (cursor >= items.size()) {
    return false;
  }
  out = items[cursor++];
  return true;
}

// What of the spans lies in [begin, end), counted from begin.
std::vector<Redactor::Span> part(std::span<const Redactor::Span> spans, std::size_t begin, std::size_t end) {
  std::vector<Redactor::Span> result;
  for (const Redactor::Span& span : spans) {
    const std::size_t from = std::max(span.begin, begin);
    const std::size_t to = std::min(span.end, end);
    if (from < to) {
      result.push_back({from - begin, to - begin});
    }
  }
  return result;
}

std::string joined(const Value& list) {
  std::string text;
  bool first = true;
  list.list().any([&](std::string_view item) {
    text += std::exchange(first, false) ? "" : " ";
    text += item;
    return false;
  });
  return text;
}

FieldId arguments_of(FieldId id) {
  return id == FieldId::process_command_line          ? FieldId::process_args
         : id == FieldId::process_parent_command_line ? FieldId::process_parent_args
                                                      : FieldId::none;
}

}  // namespace

bool may_hold_secrets(FieldId id) {
  static const LookedThrough kLookedThrough = looked_through();
  const FieldId of = map_key(id).map;
  return of < FieldId::none && kLookedThrough[static_cast<std::size_t>(of)];
}

Value RedactedEvent::value(FieldId id) const {
  if (!may_hold_secrets(id)) {
    return event_.value(id);
  }
  if (is_keyed(id)) {
    return keyed_value(*this, id);
  }
  const Masked* found = masked(id);
  if (found == nullptr) {
    return event_.value(id);
  }
  switch (info(id).type) {
    case FieldType::string_list:
      return Value::of(StringList(&found->items, 0, next_item));
    case FieldType::string_map:
      return Value::map(StringList(&found->items, 0, next_item));
    default:
      return Value::of(std::string_view(found->text));
  }
}

const RedactedEvent::Masked* RedactedEvent::masked(FieldId id) const {
  State& state = states_[static_cast<std::size_t>(id)];
  if (state == State::as_it_is) {
    return nullptr;
  }
  if (state == State::masked) {
    return &*std::ranges::find(masked_, id, &Masked::id);
  }
  Masked result;
  result.id = id;
  const FieldId arguments = arguments_of(id);
  const bool any = arguments != FieldId::none ? look_through_command_line(result, arguments)
                                              : look_through(result, event_.value(id));
  state = any ? State::masked : State::as_it_is;
  return any ? &masked_.emplace_back(std::move(result)) : nullptr;
}

bool RedactedEvent::look_through(Masked& out, const Value& value) const {
  switch (value.kind()) {
    case Value::Kind::string:
      return look_through_text(out, value.string());
    case Value::Kind::string_list:
      return look_through_list(out, value);
    case Value::Kind::string_map:
      return look_through_map(out, value);
    default:
      return false;
  }
}

bool RedactedEvent::look_through_text(Masked& out, std::string_view text) const {
  const std::vector<Redactor::Span> spans = redactor_.find(text);
  if (spans.empty()) {
    return false;
  }
  out.text = Redactor::masked(text, spans);
  return true;
}

// All items are looked through as one text: an option's value may be the next one.
bool RedactedEvent::look_through_list(Masked& out, const Value& value) const {
  std::string text;
  value.list().any([&](std::string_view item) {
    text += '\0';
    text += item;
    return false;
  });
  const std::vector<Redactor::Span> spans = redactor_.find(text);
  if (spans.empty()) {
    return false;
  }
  std::size_t at = 0;
  value.list().any([&](std::string_view item) {
    const std::vector<Redactor::Span> own = part(spans, at + 1, at + 1 + item.size());
    out.items.push_back(Redactor::masked(item, own));
    for (const Redactor::Span& span : own) {
      out.hidden.emplace_back(item.substr(span.begin, span.end - span.begin));
    }
    at += 1 + item.size();
    return false;
  });
  return true;
}

// Each entry as KEY=VALUE, as the key may be what tells; all as one text, as above.
bool RedactedEvent::look_through_map(Masked& out, const Value& value) const {
  std::string text;
  (void)value.any_entry([&](std::string_view key, std::string_view entry) {
    text += '\0';
    text += key;
    text += '=';
    text += entry;
    return false;
  });
  const std::vector<Redactor::Span> spans = redactor_.find(text);
  if (spans.empty()) {
    return false;
  }
  std::size_t at = 0;
  (void)value.any_entry([&](std::string_view key, std::string_view entry) {
    at += key.size() + 2;
    out.items.emplace_back(key);
    out.items.push_back(Redactor::masked(entry, part(spans, at, at + entry.size())));
    at += entry.size();
    return false;
  });
  return true;
}

// Mostly the arguments joined; then what was masked in them is masked here, and nothing is looked for twice.
bool RedactedEvent::look_through_command_line(Masked& out, FieldId arguments) const {
  const Masked* args = masked(arguments);
  const Value list = event_.value(arguments);
  const std::string expected = list.has_value() ? joined(list) : std::string();
  const bool has_list = list.has_value();
  const Value line = event_.value(out.id);
  if (!line.has_value()) {
    return false;
  }
  if (has_list && expected == line.string()) {
    if (args != nullptr) {
      out.text = joined(Value::of(StringList(&args->items, 0, next_item)));
    }
    return args != nullptr;
  }
  bool any = look_through_text(out, line.string());
  if (args == nullptr) {
    return any;
  }
  if (!any) {
    out.text = line.string();
  }
  std::string& text = out.text;
  for (const std::string& secret : args->hidden) {
    if (secret.size() < kMinHiddenBytes) {
      continue;
    }
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kRedacted.size())) {
      text.replace(at, secret.size(), kRedacted);
      any = true;
    }
  }
  return any;
}

}  // namespace bongsu
