// SPDX-License-Identifier: Apache-2.0
//
// Values by key, in the order in which they were last asked for. An ordered map inside: whoever chooses keys cannot
// make the search slow by making them collide.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace bongsu {

template <typename T>
class LruMap {
 public:
  struct Entry {
    std::string key;
    T value;
  };
  // NOLINTNEXTLINE(readability-redundant-typename): clang 14, which builds the fuzz targets, wants it
  using Handle = typename std::list<Entry>::iterator;  // good until its entry is erased

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Handle end() { return entries_.end(); }
  [[nodiscard]] Handle oldest() { return std::prev(entries_.end()); }  // of a map that is not empty

  // end() when it is not there. What is found is the newest from here on.
  [[nodiscard]] Handle find(std::string_view key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      return entries_.end();
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second;
  }

  // The key must not be there.
  Handle add(std::string_view key, T value) {
    entries_.push_front({std::string(key), std::move(value)});
    by_key_.emplace(entries_.front().key, entries_.begin());
    return entries_.begin();
  }

  void erase(Handle entry) {
    by_key_.erase(entry->key);
    entries_.erase(entry);
  }

 private:
  std::list<Entry> entries_;                   // the newest first
  std::map<std::string_view, Handle> by_key_;  // keys lie in the entries
};

}  // namespace bongsu
