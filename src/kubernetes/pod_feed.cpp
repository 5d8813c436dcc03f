// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/pod_feed.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace bongsu {
namespace {

std::size_t bytes_of(const PodChange& change) {
  std::size_t bytes = sizeof change + change.facts.name.size();
  for (const PodFacts::Map* map : {&change.facts.labels, &change.facts.annotations}) {
    for (const auto& [key, value] : *map) {
      bytes += sizeof(PodFacts::Map::value_type) + key.size() + value.size();
    }
  }
  return bytes;
}

}  // namespace

PodFeed::PodFeed(const Clock& clock)
    : clock_(clock),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      lost_due_ns_(clock.boot_ns() + kGraceNs),
      lost_reason_("the API server has not answered yet") {}

void PodFeed::take(std::vector<PodChange>& out) {
  std::uint64_t count = 0;
  // First: what comes between the two wakes once in vain, the other way round it would not wake.
  static_cast<void>(::read(wake_.get(), &count, sizeof count));
  const std::lock_guard lock(mutex_);
  out.reserve(out.size() + changes_.size() + 1);
  std::ranges::move(changes_, std::back_inserter(out));
  changes_.clear();
  any_.store(false, std::memory_order_release);
  bytes_ = 0;
  if (lost_due_ns_ && clock_.boot_ns() >= *lost_due_ns_) {
    lost_due_ns_.reset();
    told_lost_ = true;
    synced_ = false;
    PodChange& change = out.emplace_back();
    change.kind = PodChange::Kind::unsynced;
    change.facts.name = lost_reason_;
  }
  room_.notify_all();
}

bool PodFeed::put(PodChange change) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return closed_ || (changes_.size() < kMostChanges && bytes_ < kMostBytes); });
  if (closed_) {
    return false;
  }
  if (change.kind == PodChange::Kind::synced) {
    drop_loss();
    synced_ = true;
  }
  push(std::move(change));
  return true;
}

void PodFeed::lost(std::string reason, bool at_once) {
  const std::lock_guard lock(mutex_);
  if (told_lost_) {
    return;
  }
  lost_reason_ = std::move(reason);
  const std::int64_t now_ns = clock_.boot_ns();
  if (!lost_due_ns_) {
    lost_due_ns_ = now_ns + kGraceNs;
  }
  if (at_once) {
    lost_due_ns_ = now_ns;
    constexpr std::uint64_t kOne = 1;
    static_cast<void>(::write(wake_.get(), &kOne, sizeof kOne));
  }
}

void PodFeed::regained() {
  const std::lock_guard lock(mutex_);
  if (told_lost_ && !closed_) {
    // One more than fits when it is full: it must not be lost, and is told once for each loss that was taken.
    push(PodChange{PodChange::Kind::synced, {}});
  }
  drop_loss();
  synced_ = true;
}

void PodFeed::drop_loss() {
  lost_due_ns_.reset();
  told_lost_ = false;
}

bool PodFeed::synced() const {
  const std::lock_guard lock(mutex_);
  return synced_ && !lost_due_ns_;
}

void PodFeed::push(PodChange change) {
  bytes_ += bytes_of(change);
  changes_.push_back(std::move(change));
  any_.store(true, std::memory_order_release);
  constexpr std::uint64_t kOne = 1;
  static_cast<void>(::write(wake_.get(), &kOne, sizeof kOne));
}

void PodFeed::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  room_.notify_all();
}

}  // namespace bongsu
