// SPDX-License-Identifier: Apache-2.0
//
// The windows of `count`: for each key the events, or the different values, of the last `within`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "rules/rule_memory.h"

namespace bongsu {

// One key's window. It ends at the newest time it was told; an event that comes a little late falls into its place.
class CountWindow {
 public:
  explicit CountWindow(std::int64_t when_ns) : newest_ns_(when_ns) {}

  // Adds an event; the number in the window then.
  std::size_t add(std::int64_t when_ns, std::uint64_t within_ns);
  // The same for a value: the number of different ones.
  std::size_t add(std::int64_t when_ns, std::uint64_t within_ns, std::string_view value);

  [[nodiscard]] std::int64_t newest_ns() const { return newest_ns_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Seen {
    std::int64_t when_ns = 0;
    std::string value;
  };

  bool move_to(std::int64_t when_ns, std::uint64_t within_ns);
  void clear();

  std::int64_t newest_ns_;
  std::vector<std::int64_t> times_;                                 // ascending
  std::list<Seen> values_;                                          // ascending in time
  std::map<std::string_view, std::list<Seen>::iterator> by_value_;  // into values_
  std::size_t value_bytes_ = 0;
};

class CountMemory final : public KeyedMemory<CountWindow> {
 public:
  CountMemory(const Count& count, std::size_t most_keys)
      : KeyedMemory(count.by, count.within_ns, most_keys), distinct_(count.distinct), at_least_(count.at_least) {}

  bool meet(const EventView& event, std::span<const std::uint32_t> steps) override;

 private:
  FieldId distinct_;
  std::uint32_t at_least_;
  std::string value_;  // of the event at hand
};

}  // namespace bongsu
