// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/object_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/utf8.h"

namespace bongsu {
namespace {

using Place = ObjectReader::Place;

// What the API sends is nested about ten deep.
constexpr std::size_t kDepthMax = 64;

struct Member {
  Place in;
  std::string_view key;
  Place place;
};
constexpr std::array kMembers = std::to_array<Member>({
    {Place::top, "type", Place::type},
    {Place::top, "object", Place::object},
    {Place::top, "items", Place::items},
    {Place::object, "kind", Place::kind},
    {Place::object, "code", Place::code},
    {Place::object, "reason", Place::reason},
    {Place::object, "message", Place::message},
    {Place::object, "metadata", Place::metadata},
    {Place::object, "details", Place::details},
    {Place::metadata, "name", Place::name},
    {Place::metadata, "namespace", Place::namespace_name},
    {Place::metadata, "uid", Place::uid},
    {Place::metadata, "resourceVersion", Place::version},
    {Place::metadata, "continue", Place::continuation},
    {Place::metadata, "creationTimestamp", Place::created},
    {Place::metadata, "labels", Place::labels},
    {Place::metadata, "annotations", Place::annotations},
    {Place::metadata, "ownerReferences", Place::owners},
    {Place::owner, "kind", Place::owner_kind},
    {Place::owner, "name", Place::owner_name},
    {Place::owner, "controller", Place::owner_controller},
    {Place::details, "causes", Place::causes},
    {Place::details, "retryAfterSeconds", Place::retry_after},
    {Place::cause, "reason", Place::cause_reason},
});

Place find(Place in, std::string_view key) {
  for (const Member& member : kMembers) {
    // The text as a whole is an object too: a list, a Status.
    if ((member.in == in || (in == Place::top && member.in == Place::object)) && member.key == key) {
      return member.place;
    }
  }
  return Place::skipped;
}

bool is_object(Place place) { return place >= Place::top && place <= Place::cause; }
bool is_array(Place place) { return place >= Place::items && place <= Place::causes; }

// The longest beginning of at most `most` bytes that ends between two characters.
std::size_t cut_at(std::string_view text, std::size_t most) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t step = utf8_step(text.substr(size)).size;
    if (size + step > most) {
      break;
    }
    size += step;
  }
  return size;
}

}  // namespace

Place ObjectReader::take_place() {
  if (!open_.empty() && next_ == Place::skipped) {
    switch (open_.back()) {
      case Place::items:
        return Place::object;
      case Place::owners:
        return Place::owner;
      case Place::causes:
        return Place::cause;
      default:
        break;
    }
  }
  return std::exchange(next_, Place::skipped);
}

bool ObjectReader::key(std::string& value) {
  const Place in = open_.back();
  if (in == Place::labels || in == Place::annotations) {
    next_ = in == Place::labels ? Place::label : Place::annotation;
    key_.assign(value, 0, kKeyBytesMax + 1);
  } else {
    next_ = find(in, value);
  }
  return true;
}

bool ObjectReader::open(bool array) {
  Place place = take_place();
  if (array ? !is_array(place) : !is_object(place)) {
    if (place != Place::skipped) {
      wrong();
    }
    place = Place::skipped;
  }
  if (place == Place::object && !open_.empty() && open_.back() == Place::items) {
    item_ = {};
    current_ = &item_;
  } else if (place == Place::owner) {
    owner_ = {};
  } else if (place == Place::items) {
    has_items_ = true;
  }
  open_.push_back(place);
  return open_.size() <= kDepthMax;
}

bool ObjectReader::start_object(std::size_t) { return open(false); }
bool ObjectReader::start_array(std::size_t) { return open(true); }

bool ObjectReader::end_object() {
  const Place closed = open_.back();
  open_.pop_back();
  if (closed == Place::owner && owner_.controller) {
    current_->pod.controller_kind = std::move(owner_.kind);
    current_->pod.controller_name = std::move(owner_.name);
  } else if (closed == Place::object && current_ == &item_) {
    current_ = &top_;
    take_(item_);
  }
  return true;
}

bool ObjectReader::end_array() {
  open_.pop_back();
  return true;
}

bool ObjectReader::null() {
  static_cast<void>(take_place());  // Go writes null for an empty map, slice or pointer
  return true;
}

bool ObjectReader::boolean(bool value) {
  const Place place = take_place();
  if (place == Place::owner_controller) {
    owner_.controller = value;
  } else if (place != Place::skipped) {
    wrong();
  }
  return true;
}

void ObjectReader::integer(std::int64_t value) {
  const Place place = take_place();
  if (place == Place::code) {
    current_->code = value;
  } else if (place == Place::retry_after) {
    current_->retry_after_s = value;
  } else if (place != Place::skipped) {
    wrong();
  }
}

bool ObjectReader::number_integer(std::int64_t value) {
  integer(value);
  return true;
}

bool ObjectReader::number_unsigned(std::uint64_t value) {
  integer(static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)));
  return true;
}

bool ObjectReader::number_float(double, const std::string&) {
  if (take_place() != Place::skipped) {
    wrong();
  }
  return true;
}

bool ObjectReader::string(std::string& value) {
  take_string(value);
  return true;
}

void ObjectReader::take_string(std::string& value) {
  ApiObject& object = *current_;
  switch (take_place()) {
    case Place::skipped:
      return;
    case Place::type:
      return keep(type_, value, kKindBytesMax);
    case Place::kind:
      return keep(object.kind, value, kKindBytesMax);
    case Place::reason:
      return keep(object.reason, value, kKindBytesMax);
    case Place::message:
      object.message.assign(value, 0, cut_at(value, kMessageBytesMax));
      // Servers before 1.18.6 say it in words only.
      object.version_too_large = object.version_too_large || value.starts_with("Too large resource version");
      return;
    case Place::name:
      return keep(object.pod.name, value, kNameBytesMax);
    case Place::namespace_name:
      return keep(object.pod.namespace_name, value, kNamespaceBytesMax);
    case Place::uid:
      return keep(object.pod.uid, value, kUidBytesMax);
    case Place::version:
      return keep(object.resource_version, value, kVersionBytesMax);
    case Place::continuation:
      return keep(object.continuation, value, kContinueBytesMax);
    case Place::created:
      return keep(object.creation_timestamp, value, kKindBytesMax);
    case Place::label:
      return take_label(value);
    case Place::annotation:
      return take_annotation(value);
    case Place::owner_kind:
      return keep(owner_.kind, value, kKindBytesMax);
    case Place::owner_name:
      return keep(owner_.name, value, kNameBytesMax);
    case Place::cause_reason:
      object.version_too_large = object.version_too_large || value == "ResourceVersionTooLarge";
      return;
    default:
      return wrong();
  }
}

void ObjectReader::keep(std::string& where, std::string& value, std::size_t most_bytes) {
  if (value.size() > most_bytes) {
    return wrong();
  }
  where = std::move(value);
}

// What tells the owner is read whether it is kept as a label or not.
void ObjectReader::take_label(const std::string& value) {
  if (value.size() <= kLabelBytesMax && key_ == "pod-template-hash") {
    current_->template_hash = value;
  } else if (value.size() <= kLabelBytesMax && key_ == "rollouts-pod-template-hash") {
    current_->rollout_hash = value;
  }
  add(current_->pod.labels, keep_.labels, value, kLabelBytesMax);
}

void ObjectReader::take_annotation(const std::string& value) {
  if (value.size() <= kUidBytesMax && key_ == "kubernetes.io/config.hash") {
    current_->pod.config_hash = value;
  }
  add(current_->pod.annotations, keep_.annotations, value, kAnnotationBytesMax);
}

void ObjectReader::add(PodFacts::Map& map, const KeyFilter& filter, const std::string& value, std::size_t most_bytes) {
  if (!filter.keeps(key_)) {
    return;
  }
  if (map.size() >= kMapEntriesMax || key_.empty() || key_.size() > kKeyBytesMax) {
    ++counters_.dropped;
    return;
  }
  const std::size_t size = cut_at(value, most_bytes);
  counters_.cut += size < value.size() ? 1U : 0U;
  const auto place =
      std::ranges::lower_bound(map, key_, {}, [](const auto& entry) -> const std::string& { return entry.first; });
  if (place != map.end() && place->first == key_) {
    place->second.assign(value, 0, size);
  } else {
    map.emplace(place, key_, value.substr(0, size));
  }
}

bool ObjectReader::binary(nlohmann::json::binary_t&) { return false; }

bool ObjectReader::parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

}  // namespace bongsu
