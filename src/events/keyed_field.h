// SPDX-License-Identifier: Apache-2.0
//
// Fields with a key: k8s.pod.label.app is one value of the map k8s.pod.label. The table has the maps; a field with a
// key comes to be when somebody first names it (find_field), and stays: there is one registry for the process, bounded,
// append-only, read by any thread without a lock. Its FieldId lies beyond FieldId::none, and info(), has_field() and
// whatever else takes a FieldId know it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "events/event_view.h"

namespace bongsu {

inline constexpr std::size_t kMaxKeyedFields = 1024;
// Of Kubernetes: a DNS name of 253 characters, a slash, a name of 63
// (k8s.io/apimachinery, pkg/util/validation, IsQualifiedName).
inline constexpr std::size_t kMaxFieldKeyBytes = 317;

// A name below that of a map, taken apart; nothing is looked up or kept for it.
struct MapKey {
  FieldId map = FieldId::none;
  std::string_view key;  // all behind the map's name and a dot; may be empty, and may be no key that a field can have
};
[[nodiscard]] std::optional<MapKey> split_map_key(std::string_view name);

// Letters, digits and ./-_, as many as a key can have.
[[nodiscard]] bool is_field_key(std::string_view key);

// The field of that key, made when it is the first time. None for what is no key, and when there are as many fields as
// may be.
[[nodiscard]] std::optional<FieldId> keyed_field(const MapKey& wanted);

[[nodiscard]] constexpr bool is_keyed(FieldId id) { return id > FieldId::none; }
// Of a field with a key, its map and key; of any other, itself and none.
[[nodiscard]] MapKey map_key(FieldId id);
// What info() says of it; null when there is no such field.
[[nodiscard]] const FieldInfo* keyed_info(FieldId id);

// What a view of events says of a field with a key, by its own value of the map. It neither allocates nor locks.
[[nodiscard]] Value keyed_value(const EventView& event, FieldId id);

}  // namespace bongsu
