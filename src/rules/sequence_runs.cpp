// SPDX-License-Identifier: Apache-2.0
#include "rules/sequence_runs.h"

#include <algorithm>
#include <utility>

#include "rules/families.h"

namespace bongsu {
namespace {

bool contains(std::span<const std::uint32_t> steps, std::uint32_t step) {
  return std::ranges::find(steps, step) != steps.end();
}

// Whether the event's file.target_path is what the step means by file.path too.
bool has_other_path(bool of_family, FieldId field, const EventView& event) {
  return of_family && field == FieldId::file_path && names_two_paths(event.type());
}

// The oldest of those that wait for the step for which most wait: so that many branches do not take away the run that
// makes them.
SequenceRun& one_too_many(std::vector<SequenceRun>& runs) {
  const auto waiting = [&](const SequenceRun& run) { return std::ranges::count(runs, run.next, &SequenceRun::next); };
  return *std::ranges::max_element(runs, {}, waiting);
}

}  // namespace

std::size_t SequenceRun::bytes() const {
  std::size_t sum = sizeof(SequenceRun);
  for (const std::string& value : values) {
    sum += sizeof(std::string) + value.size();
  }
  return sum;
}

SequenceMemory::SequenceMemory(const Sequence& sequence, std::size_t most_keys)
    : KeyedMemory(sequence.by, sequence.within_ns, most_keys), steps_(sequence.steps.size()) {
  for (const SequenceStep& step : sequence.steps) {
    for (const StepReference& reference : step.references) {
      std::vector<FieldId>& remembered = steps_.at(reference.step).remembered;
      if (std::ranges::find(remembered, reference.source) == remembered.end()) {
        remembered.push_back(reference.source);
      }
    }
  }
  std::vector<std::size_t> first_value;  // by step
  std::size_t values = 0;
  for (const Step& step : steps_) {
    first_value.push_back(values);
    values += step.remembered.size();
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    steps_[i].of_family = sequence.steps[i].of_family;
    for (const StepReference& reference : sequence.steps[i].references) {
      const std::vector<FieldId>& remembered = steps_[reference.step].remembered;
      const auto at = std::ranges::find(remembered, reference.source) - remembered.begin();
      steps_[i].references.push_back({reference.field, first_value[reference.step] + static_cast<std::size_t>(at)});
    }
  }
}

bool SequenceMemory::holds(const Step& step, const SequenceRun& run, const EventView& event) {
  return std::ranges::all_of(step.references, [&](const Reference& reference) {
    const std::string& wanted = run.values[reference.value];
    if (is_missing(wanted)) {
      return false;
    }
    return equals(event.value(reference.field), wanted) || (has_other_path(step.of_family, reference.field, event) &&
                                                            equals(event.value(FieldId::file_target_path), wanted));
  });
}

// A list's field equals a value when one of its items does, as in a match.
bool SequenceMemory::equals(const Value& value, const std::string& wanted) {
  write_key(value_, value);
  if (value_ == wanted) {
    return true;
  }
  return value.kind() == Value::Kind::string_list && value.list().any([&](std::string_view item) {
    write_key(value_, Value::of(item));
    return value_ == wanted;
  });
}

// Of a file that was renamed or linked, the name that it goes on under.
void SequenceMemory::remember(const Step& step, const EventView& event, SequenceRun& run) {
  for (const FieldId field : step.remembered) {
    const bool moved =
        has_other_path(step.of_family, field, event) && event.value(FieldId::file_target_path).has_value();
    write_key(run.values.emplace_back(), event.value(moved ? FieldId::file_target_path : field));
  }
}

void SequenceMemory::go_on(SequenceRuns& kept, const EventView& event, std::span<const std::uint32_t> steps) {
  for (SequenceRun& run : kept.runs) {
    if (apart_ns(now_ns(), run.begun_ns) > within_ns()) {
      run.over = true;
      continue;
    }
    const Step& step = steps_[run.next];
    if (!contains(steps, run.next) || !holds(step, run, event)) {
      continue;
    }
    if (run.next + 1 == steps_.size()) {
      ended_.push_back(run.id);
      continue;
    }
    SequenceRun& further = fresh_.emplace_back(run);
    ++further.next;
    remember(step, event, further);
    run.over = step.remembered.empty();
  }
}

void SequenceMemory::drop_over(SequenceRuns& kept) {
  std::erase_if(kept.runs, [&](const SequenceRun& run) {
    if (run.over) {
      kept.run_bytes -= run.bytes();
    }
    return run.over;
  });
}

void SequenceMemory::keep(SequenceRuns& kept, SequenceRun run) {
  for (SequenceRun& other : kept.runs) {
    if (other.next == run.next && other.values == run.values) {
      if (other.begun_ns <= run.begun_ns) {
        other.begun_ns = run.begun_ns;
        other.id = run.id;
      }
      return;
    }
  }
  if (kept.runs.size() == kMaxRunsOfAKey) {
    one_too_many(kept.runs).over = true;
    drop_over(kept);
    ++evictions_;
  }
  kept.run_bytes += run.bytes();
  kept.runs.push_back(std::move(run));
}

bool SequenceMemory::meet(const EventView& event, std::span<const std::uint32_t> steps) {
  const bool begins = contains(steps, 0);
  auto entry = find(event);
  if (entry == none()) {
    if (!begins) {
      return false;
    }
    entry = add({});
  }
  SequenceRuns& kept = entry->value;
  const std::size_t before = kept.bytes();
  fresh_.clear();
  ended_.clear();
  go_on(kept, event, steps);
  const auto has_ended = [&](const SequenceRun& run) { return std::ranges::find(ended_, run.id) != ended_.end(); };
  for (SequenceRun& run : kept.runs) {
    run.over = run.over || has_ended(run);
  }
  drop_over(kept);
  std::erase_if(fresh_, has_ended);
  const bool fires = !ended_.empty();
  if (begins) {
    kept.newest = now_ns();
    SequenceRun& run = fresh_.emplace_back();
    run.next = 1;
    run.id = ++next_id_;
    run.begun_ns = now_ns();
    remember(steps_.front(), event, run);
  }
  for (SequenceRun& run : fresh_) {
    keep(kept, std::move(run));
  }
  bytes_ += kept.bytes() - before;  // wraps where it shrank, and back
  if (kept.runs.empty()) {
    forget(entry);
  }
  return fires;
}

}  // namespace bongsu
