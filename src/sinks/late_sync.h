// SPDX-License-Identifier: Apache-2.0
//
// Brings what was written to the disk within a second, by a thread of its own, so that many writes share one wait for
// the disk and none waits for it. The thread starts with the first write.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace bongsu {

class LateSync {
 public:
  static constexpr std::chrono::milliseconds kWithin{1000};
  static constexpr std::size_t kMostFiles = 4;  // waiting at once; a fifth is synced by who wrote it

  LateSync() = default;
  LateSync(const LateSync&) = delete;
  LateSync& operator=(const LateSync&) = delete;
  ~LateSync();  // after the last sync

  // Shares the descriptor until it has been synced.
  void written(const std::shared_ptr<const UniqueFd>& file);

  // The errno of a sync that failed since the last call; 0: none has.
  [[nodiscard]] int take_failure();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<const UniqueFd>> dirty_;
  int failure_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace bongsu
