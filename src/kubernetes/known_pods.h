// SPDX-License-Identifier: Apache-2.0
//
// Which pods have been told, and what of them: so that a pod whose status changes is not told again for each change,
// and that a new list says what is gone since the last. Keeps a digest for each pod, not the pod.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/sha256.h"
#include "identity/pod_facts.h"

namespace bongsu {

class KnownPods {
 public:
  static constexpr std::size_t kMost = 4096;  // a node has 110, some hundreds where somebody raised that

  // True: it is new or another than it was, so it is to be told. False: as known, or refused for want of room.
  [[nodiscard]] bool learn(const PodFacts& pod);
  // True: it was known.
  bool forget(const std::string& uid) { return pods_.erase(uid) != 0; }

  // A list: what is not learned between the two is gone.
  void begin_list() { ++list_; }
  [[nodiscard]] std::vector<std::string> end_list();

  [[nodiscard]] std::size_t size() const { return pods_.size(); }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct Known {
    Sha256 digest{};
    std::uint64_t list = 0;  // the last one that it stood in, or during which it came
  };
  std::unordered_map<std::string, Known> pods_;  // by uid
  std::uint64_t list_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace bongsu
