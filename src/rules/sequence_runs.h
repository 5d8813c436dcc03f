// SPDX-License-Identifier: Apache-2.0
//
// The steps of `sequence`: for each key the runs that have begun.
//
// A run begins with each event of the first step and goes on with each event of the step it waits for. Where that
// event's values are referred to later, the run branches: it also goes on waiting, so that an event put in between
// cannot lead it astray. The event of the last step ends the run, with all of its branches. Of two runs that wait for
// the same with the same values, the one that began later is enough: whatever ends the other ends it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule.h"
#include "rules/rule_memory.h"

namespace bongsu {

inline constexpr std::size_t kMaxRunsOfAKey = 64;  // beyond it one is forgotten, and counted

struct SequenceRun {
  std::uint32_t next = 0;           // the step it waits for
  std::uint64_t id = 0;             // the same for all branches
  std::int64_t begun_ns = 0;        // the event of the first step
  std::vector<std::string> values;  // that later steps refer to, in the order of steps
  bool over = false;

  [[nodiscard]] std::size_t bytes() const;
};

struct SequenceRuns {
  std::vector<SequenceRun> runs;
  std::size_t run_bytes = 0;
  std::int64_t newest = 0;  // when the last one began

  [[nodiscard]] std::int64_t newest_ns() const { return newest; }
  [[nodiscard]] std::size_t bytes() const { return sizeof(SequenceRuns) + run_bytes; }
};

class SequenceMemory final : public KeyedMemory<SequenceRuns> {
 public:
  SequenceMemory(const Sequence& sequence, std::size_t most_keys);

  bool meet(const EventView& event, std::span<const std::uint32_t> steps) override;

 private:
  struct Reference {
    FieldId field = FieldId::none;
    std::size_t value = 0;  // index into SequenceRun::values
  };
  struct Step {
    std::vector<Reference> references;
    std::vector<FieldId> remembered;  // what later steps refer to
    bool of_family = false;           // see SequenceStep
  };

  [[nodiscard]] bool holds(const Step& step, const SequenceRun& run, const EventView& event);
  [[nodiscard]] bool equals(const Value& value, const std::string& wanted);
  void remember(const Step& step, const EventView& event, SequenceRun& run);
  void go_on(SequenceRuns& kept, const EventView& event, std::span<const std::uint32_t> steps);
  void keep(SequenceRuns& kept, SequenceRun run);
  static void drop_over(SequenceRuns& kept);

  std::vector<Step> steps_;
  std::uint64_t next_id_ = 0;
  std::vector<SequenceRun> fresh_;    // made by the event at hand
  std::vector<std::uint64_t> ended_;  // ids of the runs that it ended
  std::string value_;
};

}  // namespace bongsu
