// SPDX-License-Identifier: Apache-2.0
#include "sinks/late_sync.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace bongsu {

LateSync::~LateSync() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void LateSync::written(const std::shared_ptr<const UniqueFd>& file) {
  std::unique_lock lock(mutex_);
  if (std::ranges::find(dirty_, file) != dirty_.end()) {
    return;
  }
  bool later = dirty_.size() < kMostFiles;
  if (later && !thread_.joinable()) {
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      later = false;
    }
  }
  if (later) {
    dirty_.push_back(file);
    wake_.notify_one();
    return;
  }
  lock.unlock();
  if (::fdatasync(file->get()) != 0) {
    const int error = errno;
    lock.lock();
    failure_ = error;
  }
}

int LateSync::take_failure() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failure_, 0);
}

void LateSync::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !dirty_.empty(); });
    if (dirty_.empty()) {
      return;
    }
    wake_.wait_for(lock, kWithin, [this] { return ending_; });
    auto files = std::move(dirty_);
    dirty_.clear();
    lock.unlock();
    int failure = 0;
    for (const auto& file : files) {
      if (::fdatasync(file->get()) != 0) {
        failure = errno;
      }
    }
    files.clear();
    lock.lock();
    failure_ = failure != 0 ? failure : failure_;
  }
}

}  // namespace bongsu
