// SPDX-License-Identifier: Apache-2.0
//
// What rules remember from event to event: the windows of `count` and the steps of `sequence`. A rule set itself is
// immutable; this is what is asked about each event of a stream, in its order. Time is that of the events, never a
// clock's: the same events give the same verdicts whenever they are judged. Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "events/event_view.h"
#include "rules/engine.h"
#include "rules/rule_memory.h"

namespace bongsu {

class RuleState {
 public:
  struct Limits {
    std::size_t keys_of_a_rule = 4'096;             // then the one that was not asked for the longest is forgotten
    std::size_t all_bytes = std::size_t{64} << 20;  // then the rule that holds most forgets
  };
  struct Counters {
    std::size_t keys = 0;
    std::size_t bytes = 0;
    std::uint64_t evictions = 0;  // keys and runs forgotten though they could still have made a rule fire
  };

  explicit RuleState(std::shared_ptr<const Ruleset> rules);
  RuleState(std::shared_ptr<const Ruleset> rules, Limits limits);
  ~RuleState() = default;
  RuleState(const RuleState&) = delete;
  RuleState& operator=(const RuleState&) = delete;

  // Goes on with other rules. What a rule remembers is kept for the one of the same id that counts alike.
  void use(std::shared_ptr<const Ruleset> rules);

  // Calls on_fire for every rule that the event makes fire, in the order of the rules. Allocates only where a rule that
  // remembers was met.
  void judge(const EventView& event, const std::function<void(const Rule&)>& on_fire);

  [[nodiscard]] Counters counters() const;

 private:
  void met(const Match& match);
  void ask_memory();

  std::shared_ptr<const Ruleset> rules_;
  Limits limits_;
  std::vector<std::unique_ptr<RuleMemory>> memories_;  // by rule; null where there is nothing to remember
  std::size_t bytes_ = 0;                              // of all memories
  std::uint64_t forgotten_evictions_ = 0;              // of memories that are gone
  std::function<void(const Match&)> on_match_;

  // Of the event at hand.
  const EventView* event_ = nullptr;
  const std::function<void(const Rule&)>* on_fire_ = nullptr;
  std::uint32_t rule_ = 0;            // whose steps_ these are
  std::vector<std::uint32_t> steps_;  // met so far
};

}  // namespace bongsu
