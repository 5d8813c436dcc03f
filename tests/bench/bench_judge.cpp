// SPDX-License-Identifier: Apache-2.0
//
// What one event costs the default rules, from the field's first look to the verdict.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "rules/engine.h"
#include "rules/inline_test.h"

namespace bongsu {
namespace {

// Every event of the rules' own tests in turn: a mix of those that alert and those that only just do not.
void judge_default_rules(benchmark::State& state) {
  const std::array paths = {std::filesystem::path(BONGSU_SOURCE_DIR) / "rules"};
  const auto loaded = load_rules(paths, 0);
  if (!loaded || !loaded->rules || loaded->tests.empty()) {
    state.SkipWithError("the default rules cannot be read");
    return;
  }
  std::uint64_t matches = 0;
  const std::function<void(const Match&)> count = [&matches](const Match&) { ++matches; };
  std::size_t next = 0;
  for (auto _ : state) {
    loaded->rules->judge(loaded->tests[next].events.front(), count);
    next = (next + 1) % loaded->tests.size();
  }
  benchmark::DoNotOptimize(matches);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(judge_default_rules);

}  // namespace
}  // namespace bongsu
