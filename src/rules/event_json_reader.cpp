// SPDX-License-Identifier: Apache-2.0
#include "rules/event_json_reader.h"

#include <optional>
#include <string_view>
#include <utility>

#include "events/keyed_field.h"
#include "rules/names.h"

namespace bongsu {
namespace {

constexpr std::string_view kAction = "event.action";

// The value of a dotted name, however it is nested; null when there is none.
const JsonNode* find_path(const JsonNode& object, std::string_view path) {
  for (const JsonNode::Member& member : object.members) {
    if (member.key == path) {
      return &member.value;
    }
    if (path.starts_with(member.key) && path.substr(member.key.size()).starts_with('.')) {
      if (const JsonNode* found = find_path(member.value, path.substr(member.key.size() + 1)); found != nullptr) {
        return found;
      }
    }
  }
  return nullptr;
}

// The depth is that of the document, which is bounded.
Status read_members(const JsonNode& object, const std::string& prefix, ReadEvent& out) {
  for (const JsonNode::Member& member : object.members) {
    const std::string name = prefix + member.key;
    if (const std::optional<MapKey> entry = split_map_key(name); entry && !entry->key.empty()) {
      // A log may hold any number of keys: they are kept, but no fields are made of them.
      if (member.value.kind == JsonNode::Kind::object) {
        if (Status read = read_members(member.value, name + '.', out); !read) {
          return read;
        }
      } else if (member.value.kind != JsonNode::Kind::null) {
        if (Status set = out.event.set(*entry, member.value); !set) {
          return set;
        }
      }
    } else if (const std::optional<FieldId> field = find_field(name)) {
      if (member.value.kind == JsonNode::Kind::null) {
        continue;  // no value
      }
      if (Status set = out.event.set(*field, member.value); !set) {
        return set;
      }
    } else if (member.value.kind == JsonNode::Kind::object) {
      if (Status read = read_members(member.value, name + '.', out); !read) {
        return read;
      }
    } else {
      out.unknown.push_back(name);
    }
  }
  return {};
}

}  // namespace

Result<ReadEvent> read_event_json(const JsonNode& node, EventType fallback) {
  if (node.kind != JsonNode::Kind::object) {
    return fail("an event is an object, not " + std::string(node.kind_name()));
  }
  EventType type = fallback;
  if (const JsonNode* action = find_path(node, kAction); action != nullptr) {
    if (action->kind != JsonNode::Kind::string) {
      return fail("event.action is a string, not " + std::string(action->kind_name()));
    }
    const Result<std::vector<EventType>> named = resolve_event(action->string);
    if (!named) {
      return tl::make_unexpected(named.error());
    }
    if (named->size() != 1) {
      return fail("event.action names one event, not a family: " + action->string);
    }
    type = named->front();
  }
  if (type == EventType::none) {
    return fail("the event has no event.action", "name the event: {\"event.action\": \"exec\", ...}");
  }
  ReadEvent result{JsonEventView(type), {}};
  if (Status read = read_members(node, {}, result); !read) {
    return tl::make_unexpected(std::move(read.error()));
  }
  return result;
}

}  // namespace bongsu
