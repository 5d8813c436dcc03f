// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/pod_json.h"

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/object_reader.h"
#include "kubernetes/owner.h"

namespace bongsu {
namespace {

bool read(std::string_view text, ObjectReader& reader) {
  try {
    return nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  } catch (const std::exception&) {  // the library's own; our half does not throw
    return false;
  }
}

ApiStatus status_of(const ApiObject& object) {
  return {object.code, object.reason, object.message, object.retry_after_s, object.version_too_large};
}

PodEvent::Type type_of(std::string_view name) {
  using Type = PodEvent::Type;
  static constexpr std::array kTypes = std::to_array<std::pair<std::string_view, Type>>({
      {"ADDED", Type::added},
      {"MODIFIED", Type::modified},
      {"DELETED", Type::deleted},
      {"BOOKMARK", Type::bookmark},
      {"ERROR", Type::error},
  });
  for (const auto& [word, type] : kTypes) {
    if (word == name) {
      return type;
    }
  }
  return Type::other;
}

}  // namespace

// Whether it can be a pod.
bool PodJson::finish(ApiObject& object) {
  if (object.malformed || object.pod.uid.empty() || object.pod.name.empty() || object.pod.namespace_name.empty()) {
    ++counters_.malformed;
    return false;
  }
  set_owner(object);
  return true;
}

Result<PodPage> PodJson::page(std::string_view text, const std::function<void(PodFacts&)>& take) {
  ObjectReader reader(keep_, counters_, [&](ApiObject& object) {
    if (finish(object)) {
      take(object.pod);
    }
  });
  if (!read(text, reader)) {
    return fail("the answer is no JSON");
  }
  const ApiObject& top = reader.top();
  // An empty list says that every pod is gone: so what only looks like one must not pass for it.
  if (top.malformed || !top.kind.ends_with("List") || top.resource_version.empty()) {
    return fail("the answer is no list of pods");
  }
  return PodPage{top.resource_version, top.continuation};
}

Result<PodEvent> PodJson::event(std::string_view line) {
  ObjectReader reader(keep_, counters_, [](ApiObject&) {});
  if (!read(line, reader)) {
    return fail("the watch told something that is no JSON");
  }
  ApiObject object = reader.top();
  PodEvent event;
  event.type = type_of(reader.type());
  switch (event.type) {
    case PodEvent::Type::other:
      return fail("the watch told something that is no event");
    case PodEvent::Type::error:
      event.status = status_of(object);
      return event;
    case PodEvent::Type::bookmark:
      break;
    default:
      event.usable = finish(object);
      event.pod = std::move(object.pod);
      break;
  }
  event.resource_version = std::move(object.resource_version);
  return event;
}

Result<ApiStatus> PodJson::status(std::string_view text) {
  ObjectReader reader(keep_, counters_, [](ApiObject&) {});
  if (!read(text, reader) || reader.top().kind != "Status") {
    return fail("the answer is no Status");
  }
  return status_of(reader.top());
}

}  // namespace bongsu
