// SPDX-License-Identifier: Apache-2.0
//
// What the cluster says of a pod, as far as it is kept, and how the news of it comes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bongsu {

struct PodFacts {
  using Map = std::vector<std::pair<std::string, std::string>>;  // sorted by key, each once

  std::string uid;
  std::string config_hash;  // of a static pod: the uid that its cgroup has (kubernetes.io/config.hash of its mirror);
                            // else empty
  std::string name;
  std::string namespace_name;
  Map labels;                   // those that the configuration keeps
  Map annotations;              // the same
  std::string controller_kind;  // of the owner reference with controller: true, as it stands; empty: none
  std::string controller_name;
  std::string owner_kind;  // what is behind it where that can be told (ReplicaSet -> Deployment, Job -> CronJob), else
  std::string owner_name;  // the same as the controller

  friend bool operator==(const PodFacts&, const PodFacts&) = default;
};

// One piece of news.
struct PodChange {
  enum class Kind : std::uint8_t {
    known,    // a pod of this node, new or changed
    gone,     // deleted; only facts.uid is set
    synced,   // from here on what is not known is not there: every pod of this node has been told
    unsynced  // news may be missing: the API server does not answer. facts.name says why
  };
  Kind kind = Kind::known;
  PodFacts facts;
};

}  // namespace bongsu
