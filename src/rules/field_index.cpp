// SPDX-License-Identifier: Apache-2.0
#include "rules/field_index.h"

#include <map>
#include <string>
#include <utility>

namespace bongsu {
namespace {

using Item = FieldIndex::Item;

// Collects patterns, each once, and the keys of those who have it.
template <typename Pattern>
class Collector {
 public:
  void add(const Pattern& pattern, std::uint32_t key) {
    const auto [found, added] = numbers_.try_emplace(pattern, static_cast<std::uint32_t>(patterns_.size()));
    if (added) {
      patterns_.push_back(pattern);
    }
    pairs_.emplace_back(found->second, key);
  }
  [[nodiscard]] std::span<const Pattern> patterns() const { return patterns_; }
  [[nodiscard]] Postings postings() const { return {pairs_, patterns_.size()}; }

 private:
  std::map<Pattern, std::uint32_t> numbers_;
  std::vector<Pattern> patterns_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;
};

Collector<std::string> texts(std::span<const Item> items, Method method, bool fold) {
  Collector<std::string> result;
  for (const Item& item : items) {
    if (item.filing.method == method && item.filing.test->operand.ignore_case == fold) {
      for (const std::string& pattern : patterns(item.filing)) {
        result.add(pattern, item.key);
      }
    }
  }
  return result;
}

}  // namespace

FieldIndex::FieldIndex(std::span<const Item> items) {
  for (const bool fold : {false, true}) {
    const Collector<std::string> equal = texts(items, Method::text, fold);
    texts_[fold] = TextMap(equal.patterns(), fold);
    text_keys_[fold] = equal.postings();
    const Collector<std::string> prefixes = texts(items, Method::prefix, fold);
    prefixes_[fold] = TextTrie(prefixes.patterns(), TextTrie::End::front, fold);
    prefix_keys_[fold] = prefixes.postings();
    const Collector<std::string> suffixes = texts(items, Method::suffix, fold);
    suffixes_[fold] = TextTrie(suffixes.patterns(), TextTrie::End::back, fold);
    suffix_keys_[fold] = suffixes.postings();
  }
  Collector<std::int64_t> numbers;
  // A network's own text is no key: two may be written differently and be the same.
  Collector<std::pair<std::array<std::uint8_t, 16>, std::uint8_t>> networks;
  for (const Item& item : items) {
    for (const Literal& value : item.filing.test->operand.values) {
      if (item.filing.method == Method::number) {
        numbers.add(std::get<std::int64_t>(value), item.key);
      } else if (item.filing.method == Method::network) {
        const Network network = parse_network(std::get<std::string>(value)).value_or(Network{});
        networks.add({masked(network), network.bits}, item.key);
      }
    }
  }
  numbers_ = NumberMap(numbers.patterns());
  number_keys_ = numbers.postings();
  std::vector<Network> distinct;
  for (const auto& [bytes, bits] : networks.patterns()) {
    distinct.push_back({{bytes, false}, bits});
  }
  networks_ = NetworkTable(distinct);
  network_keys_ = networks.postings();
}

}  // namespace bongsu
