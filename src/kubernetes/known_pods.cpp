// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/known_pods.h"

#include <string_view>
#include <utility>

namespace bongsu {
namespace {

Sha256 digest_of(const PodFacts& pod) {
  std::string text;
  const auto add = [&](std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  };
  for (const std::string* part : {&pod.config_hash, &pod.name, &pod.namespace_name, &pod.controller_kind,
                                  &pod.controller_name, &pod.owner_kind, &pod.owner_name}) {
    add(*part);
  }
  for (const PodFacts::Map* map : {&pod.labels, &pod.annotations}) {
    text += std::to_string(map->size());
    text += ';';
    for (const auto& [key, value] : *map) {
      add(key);
      add(value);
    }
  }
  return sha256(text);
}

}  // namespace

bool KnownPods::learn(const PodFacts& pod) {
  auto found = pods_.find(pod.uid);
  const bool fresh = found == pods_.end();
  if (fresh && pods_.size() >= kMost) {
    ++refused_;
    return false;
  }
  if (fresh) {
    found = pods_.try_emplace(pod.uid).first;
  }
  found->second.list = list_;
  const Sha256 digest = digest_of(pod);
  return std::exchange(found->second.digest, digest) != digest || fresh;
}

std::vector<std::string> KnownPods::end_list() {
  std::vector<std::string> gone;
  for (auto pod = pods_.begin(); pod != pods_.end();) {
    if (pod->second.list != list_) {
      gone.push_back(pod->first);
      pod = pods_.erase(pod);
    } else {
      ++pod;
    }
  }
  return gone;
}

}  // namespace bongsu
