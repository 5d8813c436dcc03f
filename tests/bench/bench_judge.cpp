// SPDX-License-Identifier: Apache-2.0
//
// What one event costs the rules, from the field's first look to the verdict; docs/performance.md tells how it is run
// and what came out.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "bench/bench_rules.h"
#include "rules/engine.h"
#include "rules/inline_test.h"
#include "support/source_folder.h"

namespace bongsu {
namespace {

const LoadedRules* default_rules(benchmark::State& state) {
  static const std::array paths = {source_folder() / "rules"};
  static const auto loaded = load_rules(paths, 0);
  if (!loaded || !loaded->rules || loaded->tests.empty()) {
    state.SkipWithError("the default rules cannot be read");
    return nullptr;
  }
  return &*loaded;
}

// Judges the events in turn.
template <typename EventAt>
std::uint64_t judge(benchmark::State& state, const Ruleset& rules, std::size_t count, const EventAt& event_at) {
  std::uint64_t matches = 0;
  const std::function<void(const Match&)> on_match = [&matches](const Match&) { ++matches; };
  std::size_t next = 0;
  for (auto _ : state) {
    rules.judge(event_at(next), on_match);
    next = next + 1 == count ? 0 : next + 1;
  }
  benchmark::DoNotOptimize(matches);
  state.SetItemsProcessed(state.iterations());
  return matches;
}

// An event that meets none of 10, 100, 1,000 or 10,000 rules.
void judge_no_match(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const LoadedRules loaded = bench::rules_of(count);
  if (loaded.has_errors() || loaded.rules->rules().size() != count) {
    state.SkipWithError("the rules are not what the checker takes");
    return;
  }
  const bench::FixedEvent event = bench::everyday_events().at(static_cast<std::size_t>(state.range(1)));
  state.SetLabel(std::string(info(event.type()).name));
  if (judge(state, *loaded.rules, 1, [&](std::size_t) -> const EventView& { return event; }) != 0) {
    state.SkipWithError("the event met a rule");
  }
}
BENCHMARK(judge_no_match)->ArgsProduct({{10, 100, 1'000, 10'000}, {0, 1, 2}});

// Those events in turn, against the default rules.
void judge_everyday_default_rules(benchmark::State& state) {
  if (const LoadedRules* loaded = default_rules(state)) {
    const std::vector<bench::FixedEvent> events = bench::everyday_events();
    judge(state, *loaded->rules, events.size(), [&](std::size_t i) -> const EventView& { return events[i]; });
  }
}
BENCHMARK(judge_everyday_default_rules);

// Every event of the default rules' own tests: a mix of those that alert and those that only just do not. Their fields
// lie in a map, which is part of what is measured.
void judge_default_rules(benchmark::State& state) {
  if (const LoadedRules* loaded = default_rules(state)) {
    judge(state, *loaded->rules, loaded->tests.size(),
          [&](std::size_t i) -> const EventView& { return loaded->tests[i].events.front(); });
  }
}
BENCHMARK(judge_default_rules);

// How long a reload takes: text to program.
void load_rule_texts(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(bench::rules_of(static_cast<std::size_t>(state.range(0))).rules);
  }
}
BENCHMARK(load_rule_texts)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bongsu
