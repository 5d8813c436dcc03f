// SPDX-License-Identifier: Apache-2.0
#include "rules/names.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "events/keyed_field.h"
#include "rules/families.h"
#include "rules/operator.h"
#include "rules/report.h"

namespace bongsu {
namespace {

constexpr std::string_view kFamilySuffix = ".*";

std::span<const EventInfo> real_events() { return events().subspan(1); }  // [0] is `none`

// For "k8s.pod.lable.app": the map is misspelt, the key anybody's.
std::string map_name_hint(std::string_view name) {
  for (const FieldInfo& map : map_fields()) {
    std::size_t end = 0;
    for (auto parts = std::ranges::count(map.name, '.') + 1; parts > 0 && end != std::string_view::npos; --parts) {
      end = name.find('.', end == 0 ? 0 : end + 1);
    }
    if (end == std::string_view::npos || !is_field_key(name.substr(end + 1))) {
      continue;
    }
    std::vector<std::string_view> maps;
    std::ranges::transform(map_fields(), std::back_inserter(maps), &FieldInfo::name);
    if (const std::string_view near = nearest(name.substr(0, end), maps); !near.empty()) {
      return "did you mean " + std::string(near) + std::string(name.substr(end)) + "?";
    }
  }
  return {};
}

Error bad_key(const MapKey& wanted) {
  const std::string map(info(wanted.map).name);
  if (wanted.key.empty()) {
    return {map + " stands without a key", map_hint(info(wanted.map))};
  }
  if (is_field_key(wanted.key)) {
    return {"there are more than " + std::to_string(kMaxKeyedFields) + " different fields with a key",
            "all rules together, and those before a reload, can name so many labels and annotations"};
  }
  return {"no key of " + map + " is like that",
          "a key has letters, digits and . / - _, at most " + std::to_string(kMaxFieldKeyBytes) + " of them"};
}

std::string field_hint(std::string_view name) {
  if (find_operator(name) != nullptr || name == "every" || name == "ignore_case") {
    return "an operator stands in a field's value: {\"process.name\": {\"" + std::string(name) + "\": ...}}";
  }
  if (std::string hint = map_name_hint(name); !hint.empty()) {
    return hint;
  }
  std::vector<std::string_view> names{"all", "any", "not"};
  const std::string group = std::string(name) + '.';
  for (const FieldInfo& field : fields()) {
    if (field.name.starts_with(group)) {
      return "a field is written as one key, such as " + std::string(field.name);
    }
    names.push_back(field.name);
  }
  // What other languages call them.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kGroups{
      {{"and", "all"}, {"or", "any"}, {"none", "not"}, {"one_of", "any"}}};
  for (const auto& [alias, meant] : kGroups) {
    if (alias == name) {
      return "did you mean " + std::string(meant) + "?";
    }
  }
  std::string hint = did_you_mean(name, names);
  return hint.empty() ? "bongsu events lists all fields" : hint;
}

}  // namespace

Result<std::vector<EventType>> resolve_event(std::string_view name) {
  std::vector<EventType> result;
  if (const Family* special = find_family(name); special != nullptr) {
    result.assign(special->events.begin(), special->events.end());
  } else if (name.ends_with(kFamilySuffix)) {
    const std::string_view family = name.substr(0, name.size() - kFamilySuffix.size());
    for (const EventInfo& event : real_events()) {
      if (event.family == family) {
        result.push_back(event.type);
      }
    }
  } else if (const std::optional<EventType> event = find_event(name); event && *event != EventType::none) {
    result.push_back(*event);
  }
  if (!result.empty()) {
    return result;
  }
  std::vector<std::string> whole;
  std::vector<std::string_view> names;
  for (const EventInfo& event : real_events()) {
    names.push_back(event.name);
    const std::string family = std::string(event.family) + std::string(kFamilySuffix);
    if (std::ranges::find(whole, family) == whole.end()) {
      whole.push_back(family);
    }
  }
  names.insert(names.end(), whole.begin(), whole.end());
  std::ranges::transform(partial_families(), std::back_inserter(names), &Family::name);
  std::string hint = did_you_mean(name, names);
  if (hint.empty() && name.find(',') != std::string_view::npos) {
    hint = R"(several are an array: ["exec", "fork"])";
  } else if (hint.empty()) {
    hint = "there are";
    for (const std::string& family : whole) {
      hint += ' ' + family;
    }
    hint += "; bongsu events lists all events";
  }
  return fail("unknown event " + (name.empty() ? "\"\"" : std::string(name)), std::move(hint));
}

Result<FieldId> resolve_field(std::string_view name, std::span<const EventType> events) {
  const std::optional<FieldId> field = find_field(name);
  if (!field) {
    if (const std::optional<MapKey> wanted = split_map_key(name)) {
      return tl::make_unexpected(bad_key(*wanted));
    }
    return fail("unknown field", field_hint(name));
  }
  const auto without = std::ranges::find_if(events, [&](EventType event) { return !has_field(event, *field); });
  if (without == events.end()) {
    return *field;
  }
  constexpr std::size_t kShown = 8;
  std::size_t have = 0;
  std::string hint;
  for (const EventInfo& event : real_events()) {
    if (has_field(event.type, *field) && have++ < kShown) {
      hint += (hint.empty() ? "" : ", ") + std::string(event.name);
    }
  }
  if (have > kShown) {
    hint += " and " + std::to_string(have - kShown) + " more";
  }
  return fail("the event " + std::string(info(*without).name) + " has no field " + std::string(name),
              hint.empty() ? hint : "events that have it: " + hint);
}

Result<FieldId> resolve_single_field(std::string_view name, std::span<const EventType> events) {
  Result<FieldId> field = resolve_field(name, events);
  if (!field) {
    return field;
  }
  switch (const FieldInfo& found = info(*field); found.type) {
    case FieldType::string_list:
      return fail(std::string(name) + " has several values", "name a field that has one");
    case FieldType::string_map:
      return fail(std::string(name) + " has several values", map_hint(found));
    default:
      return field;
  }
}

std::string map_hint(const FieldInfo& map) { return "name one by its key: " + std::string(map.name) + ".app"; }

bool can_be_absent(EventType event, FieldId field) {
  if (!has_field(event, field)) {
    return true;
  }
  switch (field) {
    case FieldId::process_exit_signal:  // after a normal exit
    case FieldId::process_tty_major:    // without a terminal
    case FieldId::process_tty_minor:    // without a terminal
    case FieldId::container_runtime:    // also inside containers, where the path does not tell
    case FieldId::k8s_pod_uid:          // also inside containers, outside Kubernetes
      return true;
    default:
      return info(field).scope == Scope::container;
  }
}

}  // namespace bongsu
