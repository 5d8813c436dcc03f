// SPDX-License-Identifier: Apache-2.0
//
// What the watch counts, for metrics and for people.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "kubernetes/api_client.h"
#include "kubernetes/api_object.h"
#include "kubernetes/pod_json.h"

namespace bongsu {

inline constexpr std::size_t kPodEventTypes = static_cast<std::size_t>(PodEvent::Type::other);

struct PodWatchNumbers {
  bool synced = false;                                 // every pod of the node is known, and news comes
  std::uint64_t lists = 0;                             // asked for
  std::uint64_t watches = 0;                           // begun
  std::array<std::uint64_t, kPodEventTypes> events{};  // by PodEvent::Type
  std::array<std::uint64_t, kApiErrorCount> errors{};  // by ApiError
  std::uint64_t relists = 0;                           // lists that followed a 410
  std::int64_t backoff_ns = 0;                         // the wait under way; 0: none
  std::uint64_t pods = 0;                              // known
  std::uint64_t refused_pods = 0;                      // beyond what is kept
  ApiObjectCounters objects;
  std::uint64_t bytes = 0;             // read
  std::int64_t last_news_wall_ns = 0;  // 0: never
  std::string trouble;                 // what went wrong last; empty: nothing yet
};

// The names of events in metrics: added, modified, deleted, bookmark, error.
[[nodiscard]] std::string_view to_string(PodEvent::Type type);

// One thread writes, any reads.
class WatchLedger {
 public:
  template <typename Change>
  void change(Change change) {
    const std::lock_guard lock(mutex_);
    change(numbers_);
  }
  [[nodiscard]] PodWatchNumbers read() const {
    const std::lock_guard lock(mutex_);
    return numbers_;
  }

 private:
  mutable std::mutex mutex_;
  PodWatchNumbers numbers_;
};

}  // namespace bongsu
