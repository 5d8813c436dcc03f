// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_state.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "rules/count_window.h"
#include "rules/sequence_runs.h"

namespace bongsu {
namespace {

std::unique_ptr<RuleMemory> make_memory(const Rule& rule, std::size_t most_keys) {
  if (rule.count) {
    return std::make_unique<CountMemory>(*rule.count, most_keys);
  }
  if (rule.sequence) {
    return std::make_unique<SequenceMemory>(*rule.sequence, most_keys);
  }
  return nullptr;
}

}  // namespace

RuleState::RuleState(std::shared_ptr<const Ruleset> rules) : RuleState(std::move(rules), Limits()) {}

RuleState::RuleState(std::shared_ptr<const Ruleset> rules, Limits limits)
    : limits_(limits), on_match_([this](const Match& match) { met(match); }) {
  use(std::move(rules));
}

void RuleState::use(std::shared_ptr<const Ruleset> rules) {
  std::map<std::string_view, std::size_t> old;  // id to index, of those that remember
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    if (memories_[i]) {
      old.emplace(rules_->rules()[i].id, i);
    }
  }
  std::vector<std::unique_ptr<RuleMemory>> memories;
  memories.reserve(rules->rules().size());
  for (const Rule& rule : rules->rules()) {
    const auto found = old.find(rule.id);
    if (found != old.end() && rules_->rules()[found->second].count == rule.count &&
        rules_->rules()[found->second].sequence == rule.sequence) {
      memories.push_back(std::move(memories_[found->second]));
      old.erase(found);
    } else {
      memories.push_back(make_memory(rule, limits_.keys_of_a_rule));
    }
  }
  for (const auto& [id, index] : old) {
    forgotten_evictions_ += memories_[index]->evictions();
    bytes_ -= memories_[index]->bytes();
  }
  memories_ = std::move(memories);
  rules_ = std::move(rules);
}

void RuleState::judge(const EventView& event, const std::function<void(const Rule&)>& on_fire) {
  event_ = &event;
  on_fire_ = &on_fire;
  rules_->judge(event, on_match_);
  ask_memory();
}

// The steps of one rule come one after the other; what it remembers is asked once, with all of them.
void RuleState::met(const Match& match) {
  if (match.rule != rule_) {
    ask_memory();
  }
  if (memories_[match.rule] == nullptr) {
    (*on_fire_)(rules_->rules()[match.rule]);
    return;
  }
  rule_ = match.rule;
  steps_.push_back(match.step);
}

void RuleState::ask_memory() {
  if (steps_.empty()) {
    return;
  }
  RuleMemory& memory = *memories_[rule_];
  const std::size_t before = memory.bytes();
  const bool fires = memory.meet(*event_, steps_);
  steps_.clear();
  bytes_ += memory.bytes() - before;  // wraps where it shrank, and back
  while (bytes_ > limits_.all_bytes) {
    RuleMemory& largest = **std::ranges::max_element(
        memories_, {}, [](const std::unique_ptr<RuleMemory>& each) { return each ? each->bytes() : 0; });
    const std::size_t held = largest.bytes();
    largest.forget_oldest();
    bytes_ -= held - largest.bytes();
  }
  if (fires) {
    (*on_fire_)(rules_->rules()[rule_]);
  }
}

RuleState::Counters RuleState::counters() const {
  Counters counters{.keys = 0, .bytes = bytes_, .evictions = forgotten_evictions_};
  for (const std::unique_ptr<RuleMemory>& memory : memories_) {
    if (memory) {
      counters.keys += memory->keys();
      counters.evictions += memory->evictions();
    }
  }
  return counters;
}

}  // namespace bongsu
