// SPDX-License-Identifier: Apache-2.0
#include "rules/search_set.h"

#include <algorithm>
#include <utility>

#include "rules/limits.h"

namespace bongsu {
namespace {

// A set's memory, by the number of its regexes.
constexpr std::size_t kMinSetBytes = std::size_t{512} << 10;
constexpr std::size_t kRegexShareBytes = std::size_t{32} << 10;

}  // namespace

RE2::Options regex_options(bool fold, std::size_t max_bytes) {
  RE2::Options options(RE2::Latin1);
  options.set_case_sensitive(!fold);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(max_bytes));
  return options;
}

// Breadth first, so that the budget goes to the sets that are asked most.
SearchSet::SearchSet(std::vector<SearchPattern> patterns, bool fold, std::size_t& budget_bytes)
    : patterns_(std::move(patterns)) {
  nodes_.push_back({nullptr, 0, patterns_.size(), {}});
  for (std::size_t at = 0; at < nodes_.size(); ++at) {
    const std::size_t begin = nodes_[at].begin;
    const std::size_t end = nodes_[at].end;
    nodes_[at].set = compile(begin, end, fold, budget_bytes);
    if (end - begin <= kFan) {
      continue;
    }
    const std::size_t step = (end - begin + kFan - 1) / kFan;
    for (std::size_t i = begin; i < end; i += step) {
      nodes_[at].children.push_back(nodes_.size());
      nodes_.push_back({nullptr, i, std::min(i + step, end), {}});
    }
  }
}

std::unique_ptr<RE2::Set> SearchSet::compile(std::size_t begin, std::size_t end, bool fold,
                                             std::size_t& budget_bytes) const {
  const std::size_t bytes = std::clamp((end - begin) * kRegexShareBytes, kMinSetBytes, kMaxRegexSetBytes);
  if (bytes > budget_bytes) {
    return nullptr;
  }
  auto set = std::make_unique<RE2::Set>(regex_options(fold, bytes), RE2::UNANCHORED);
  for (std::size_t i = begin; i != end; ++i) {
    if (set->Add(patterns_[i].regex, nullptr) < 0) {
      return nullptr;
    }
  }
  if (!set->Compile()) {
    return nullptr;
  }
  budget_bytes -= bytes;
  return set;
}

bool SearchSet::may_hold(const Node& node, std::string_view text) {
  if (node.set == nullptr) {
    return true;
  }
  RE2::Set::ErrorInfo error{};
  return node.set->Match({text.data(), text.size()}, nullptr, &error) || error.kind != RE2::Set::kNoError;
}

}  // namespace bongsu
