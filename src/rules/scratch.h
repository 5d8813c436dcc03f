// SPDX-License-Identifier: Apache-2.0
//
// What judging one event needs to remember: the verdicts found so far, and the rules that are worth a look. A rule set
// keeps one at hand; whoever judges takes it and brings it back.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "rules/look_memo.h"

namespace bongsu {

class Scratch {
 public:
  Scratch(std::size_t atoms, std::size_t entries, LookMemo::Size memo)
      : verdicts_(atoms),
        words_((entries + 63) / 64),
        summary_((words_.size() + 63) / 64),
        memo_(memo),
        verdict_memo_(kVerdicts) {}

  // Another event: no verdict is known.
  void begin() noexcept {
    if (++event_ == kEvents) {
      std::ranges::fill(verdicts_, 0);
      event_ = 1;
    }
  }

  // The verdict of an atom, which `judge` finds when nobody asked for it before.
  template <typename Judge>
  bool verdict(std::uint32_t atom, Judge&& judge) {
    std::uint32_t& known = verdicts_[atom];
    if (known >> 1 != event_) {
      known = event_ << 1 | (judge() ? 1U : 0U);
    }
    return (known & 1U) != 0;
  }

  void mark(std::uint32_t entry) noexcept { mark_word(entry / 64, std::uint64_t{1} << (entry % 64)); }
  void mark_word(std::uint32_t word, std::uint64_t bits) noexcept {
    words_[word] |= bits;
    summary_[word / 64] |= std::uint64_t{1} << (word % 64);
  }
  void mark_words(std::span<const EntryWord> words) noexcept {
    for (const EntryWord& each : words) {
      mark_word(each.word, each.bits);
    }
  }
  [[nodiscard]] LookMemo& memo() noexcept { return memo_; }
  [[nodiscard]] VerdictMemo& verdict_memo() noexcept { return verdict_memo_; }
  // Calls use(entry) for all that are marked, in order, and unmarks them.
  template <typename Use>
  void take_marked(Use&& use) {
    for (std::size_t i = 0; i < summary_.size(); ++i) {
      for (std::uint64_t words = std::exchange(summary_[i], 0); words != 0; words &= words - 1) {
        const std::size_t word = i * 64 + static_cast<std::size_t>(std::countr_zero(words));
        for (std::uint64_t bits = std::exchange(words_[word], 0); bits != 0; bits &= bits - 1) {
          use(static_cast<std::uint32_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t kEvents = 1U << 31;
  static constexpr std::size_t kVerdicts = 1'024;

  std::uint32_t event_ = 0;
  std::vector<std::uint32_t> verdicts_;  // by atom: the event it was found for, then one bit
  std::vector<std::uint64_t> words_;     // a bit for each entry of the event's type
  std::vector<std::uint64_t> summary_;   // a bit for each of words_ that is not 0
  LookMemo memo_;
  VerdictMemo verdict_memo_;
};

// One Scratch, for whoever comes first. Who finds it taken (another thread, or a verdict's own callback) gets one from
// the heap.
class ScratchSlot {
 public:
  ScratchSlot() = default;
  ~ScratchSlot() { delete kept_.load(); }
  ScratchSlot(const ScratchSlot&) = delete;
  ScratchSlot& operator=(const ScratchSlot&) = delete;

  void size(std::size_t atoms, std::size_t entries) {
    atoms_ = atoms;
    entries_ = entries;
    give(make());
  }
  [[nodiscard]] std::unique_ptr<Scratch> take() {
    std::unique_ptr<Scratch> scratch(kept_.exchange(nullptr, std::memory_order_acquire));
    return scratch != nullptr ? std::move(scratch) : make();
  }
  void give(std::unique_ptr<Scratch> scratch) {
    const std::unique_ptr<Scratch> other(kept_.exchange(scratch.release(), std::memory_order_acq_rel));
  }

 private:
  static constexpr LookMemo::Size kMemo{.of_short = 1'024, .of_long = 64};

  [[nodiscard]] std::unique_ptr<Scratch> make() const { return std::make_unique<Scratch>(atoms_, entries_, kMemo); }

  std::atomic<Scratch*> kept_{nullptr};
  std::size_t atoms_ = 0;
  std::size_t entries_ = 0;
};

}  // namespace bongsu
