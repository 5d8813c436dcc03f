// SPDX-License-Identifier: Apache-2.0
//
// The way of the news from the thread that watches the API to the one that judges. Bounded; nothing is lost: while it
// is full the watching thread waits, and the API server keeps what is to come.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "identity/pod_facts.h"

namespace bongsu {

class PodFeed {
 public:
  static constexpr std::size_t kMostChanges = 4096;
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  // An outage shorter than this is not told: the watch goes on where it broke off.
  static constexpr std::int64_t kGraceNs = 2'000'000'000;

  // Borrows the clock. Before the first put(synced) it is as after lost().
  explicit PodFeed(const Clock& clock);

  // The judging thread: appends all there is and does not wait. What has to be told after a time (unsynced) comes by
  // the next call after that, so it is called at least once a second whatever fd() says.
  void take(std::vector<PodChange>& out);
  // Readable while there is something to take; -1: the kernel gave none, so only the clock says when to look.
  [[nodiscard]] int fd() const { return wake_.get(); }

  // The watching thread. False: closed.
  bool put(PodChange change);
  // News may be missing from now on. Told after the grace; at once when waiting will not help.
  void lost(std::string reason, bool at_once = false);
  // Nothing is missing any more: told when that something is was.
  void regained();
  [[nodiscard]] bool synced() const;
  // Whether there is something to take now; asked before every record, so without the lock.
  [[nodiscard]] bool any() const { return any_.load(std::memory_order_acquire); }

  // Any thread: put() does not wait any more.
  void close();

 private:
  void push(PodChange change);
  void drop_loss();

  const Clock& clock_;
  UniqueFd wake_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<PodChange> changes_;
  std::size_t bytes_ = 0;         // of changes_, about
  std::atomic<bool> any_{false};  // changes_ is not empty
  bool closed_ = false;
  bool told_lost_ = false;
  bool synced_ = false;
  std::optional<std::int64_t> lost_due_ns_;  // when the loss is to be told
  std::string lost_reason_;
};

}  // namespace bongsu
