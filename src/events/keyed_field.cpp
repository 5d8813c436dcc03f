// SPDX-License-Identifier: Apache-2.0
#include "events/keyed_field.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace bongsu {
namespace {

struct Entry {
  Entry(FieldId id, const FieldInfo& map, std::string_view wanted)
      : name(std::string(map.name) + '.' + std::string(wanted)),
        key{map.id, std::string_view(name).substr(map.name.size() + 1)},
        info{id, name, FieldType::string, Unit::none, map.scope, map.doc} {}
  ~Entry() = default;
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  std::string name;  // of the whole field; what `info` and `key` point into
  MapKey key;
  FieldInfo info;
};

// By id. An entry is whole before it stands here, never changes, and is never freed: threads may read while the process
// ends.
constinit std::array<std::atomic<const Entry*>, kMaxKeyedFields> entries{};

constexpr std::size_t kFirst = kFieldCount + 1;

const Entry* entry_of(FieldId id) {
  const auto at = static_cast<std::size_t>(id);
  return at < kFirst || at - kFirst >= kMaxKeyedFields ? nullptr : entries[at - kFirst].load(std::memory_order_acquire);
}

// The fields there are, by name, for those who look for one or make one.
class Registry {
 public:
  std::optional<FieldId> find_or_add(const MapKey& wanted) {
    const std::lock_guard lock(mutex_);
    std::map<std::string_view, FieldId>& known = known_[wanted.map];
    if (const auto found = known.find(wanted.key); found != known.end()) {
      return found->second;
    }
    if (count_ == kMaxKeyedFields) {
      return std::nullopt;
    }
    const auto id = static_cast<FieldId>(kFirst + count_);
    const Entry* entry = std::make_unique<Entry>(id, info(wanted.map), wanted.key).release();
    known.emplace(entry->key.key, id);
    entries[count_++].store(entry, std::memory_order_release);
    return id;
  }

 private:
  std::mutex mutex_;
  std::map<FieldId, std::map<std::string_view, FieldId>> known_;
  std::size_t count_ = 0;
};

Registry& registry() {
  static Registry the_registry;
  return the_registry;
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/' ||
         c == '-' || c == '_';
}

}  // namespace

std::optional<MapKey> split_map_key(std::string_view name) {
  for (const FieldInfo& map : map_fields()) {
    if (name.size() > map.name.size() && name.starts_with(map.name) && name[map.name.size()] == '.') {
      return MapKey{map.id, name.substr(map.name.size() + 1)};
    }
  }
  return std::nullopt;
}

bool is_field_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxFieldKeyBytes && std::ranges::all_of(key, is_key_character);
}

std::optional<FieldId> keyed_field(const MapKey& wanted) {
  return is_field_key(wanted.key) ? registry().find_or_add(wanted) : std::nullopt;
}

MapKey map_key(FieldId id) {
  const Entry* entry = entry_of(id);
  return entry == nullptr ? MapKey{id, {}} : entry->key;
}

const FieldInfo* keyed_info(FieldId id) {
  const Entry* entry = entry_of(id);
  return entry == nullptr ? nullptr : &entry->info;
}

Value keyed_value(const EventView& event, FieldId id) {
  const Entry* entry = entry_of(id);
  if (entry == nullptr) {
    return {};
  }
  const Value map = event.value(entry->key.map);
  if (map.kind() != Value::Kind::string_map) {
    return {};
  }
  Value found;
  (void)map.any_entry([&](std::string_view key, std::string_view value) {
    if (key != entry->key.key) {
      return false;
    }
    found = Value::of(value);
    return true;
  });
  return found;
}

}  // namespace bongsu
