// SPDX-License-Identifier: Apache-2.0
//
// Several rings read as one. A record is stamped, then written, and what the same process does next is stamped after
// that; but rings are looked at one after the other. So all are looked at twice: of a record that was there at the
// first look, all that came before it in its process is there at the second. Taken is by time, and only until the
// oldest is one that the first look did not see: then they are looked at anew.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/ring_model.h"

namespace bongsu::bench {

class RingGroup {
 public:
  RingGroup(std::size_t rings, std::size_t slots) {
    for (std::size_t i = 0; i < rings; ++i) {
      rings_.push_back(std::make_unique<ModelRing>(slots));
    }
    first_look_.resize(rings);
    second_look_.resize(rings);
    heads_.reserve(rings);
  }

  [[nodiscard]] std::size_t size() const { return rings_.size(); }
  [[nodiscard]] ModelRing& ring(std::size_t i) { return *rings_[i]; }

  // Hands on what can be told in order by now; how many that were.
  template <typename Take>
  std::size_t drain(const Take& take) {
    for (std::size_t i = 0; i < rings_.size(); ++i) {
      first_look_[i] = rings_[i]->reserved();
    }
    heads_.clear();
    for (std::size_t i = 0; i < rings_.size(); ++i) {
      second_look_[i] = rings_[i]->reserved();
      push_head(i);
    }
    std::size_t taken = 0;
    while (!heads_.empty()) {
      std::pop_heap(heads_.begin(), heads_.end(), later);
      const std::size_t from = heads_.back().ring;
      heads_.pop_back();
      ModelRing& ring = *rings_[from];
      if (ring.at() >= first_look_[from]) {
        break;
      }
      take(ring.front());
      ring.take();
      ++taken;
      push_head(from);
    }
    return taken;
  }

 private:
  struct Head {
    std::uint64_t stamp_ns;
    std::size_t ring;
  };

  static bool later(const Head& a, const Head& b) { return a.stamp_ns > b.stamp_ns; }

  void push_head(std::size_t i) {
    if (rings_[i]->at() < second_look_[i]) {
      heads_.push_back({rings_[i]->front().stamp_ns, i});
      std::push_heap(heads_.begin(), heads_.end(), later);
    }
  }

  std::vector<std::unique_ptr<ModelRing>> rings_;
  std::vector<std::uint64_t> first_look_;
  std::vector<std::uint64_t> second_look_;
  std::vector<Head> heads_;
};

}  // namespace bongsu::bench
