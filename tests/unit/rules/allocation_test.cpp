// SPDX-License-Identifier: Apache-2.0
//
// judge() does not allocate: every operator new of this test program is counted.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

#include "events/keyed_field.h"
#include "rules/rule_state.h"
#include "unit/rules/rules_testing.h"

// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is where the heap is made
namespace {
std::atomic<std::size_t> g_allocations{0};

void* counted(std::size_t bytes) {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& tag) noexcept { return operator new(bytes, tag); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace bongsu {
namespace {

// An event without a map inside, as those from the ring.
class Fixed final : public EventView {
 public:
  [[nodiscard]] EventType type() const override { return EventType::exec; }
  [[nodiscard]] Value value(FieldId id) const override {
    switch (id) {
      case FieldId::process_name:
        return Value::of(std::string_view("a-rather-long-program-name.sh"));
      case FieldId::process_executable:
        return Value::of(std::string_view("/usr/lib/a/rather/long/path/to/a-rather-long-program-name.sh"));
      case FieldId::process_pid:
        return Value::of(std::int64_t{7});
      case FieldId::process_args:
        return Value::of(StringList(nullptr, 0, next));
      case FieldId::process_parent_name:
        return Value::of(std::string_view("10.1.2.3"));
      case FieldId::k8s_pod_label:
        return Value::map(StringList(nullptr, 0, next));
      default:
        return keyed_value(*this, id);
    }
  }

 private:
  static bool next(const void* /*source*/, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
    out = cursor == 0 ? "a-rather-long-program-name.sh" : "--with-a-rather-long-argument";
    return cursor++ < 2;
  }
};

TEST(Allocation, JudgeDoesNotAllocate) {
  const LoadedRules loaded = testing::load_text(testing::file_with_match(R"({
    "process.name": {"suffix": ".SH", "ignore_case": true, "ne": "x", "not_in": ["y", "z"]},
    "process.executable": {"glob": "/usr/**/*.{sh,py}", "contains": ["LONG", "/usr/"], "regex": "^/usr/.*\\.sh$"},
    "process.pid": {"gte": 7, "any_bits": 4, "in": [1, 7]},
    "process.args": {"every": {"contains": "rather"}, "prefix": "--with"},
    "process.parent.name": {"cidr": ["fd00::/8", "10.0.0.0/8"]},
    "container.id": {"exists": false},
    "k8s.pod.label.a-rather-long-program-name.sh": {"suffix": "argument"},
    "any": [{"process.name": "no"}, {"not": {"process.name": ["a", "b"]}}]})"));
  ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  const Fixed event;
  std::size_t matched = 0;
  const std::function<void(const Match&)> on_match = [&](const Match&) { ++matched; };
  loaded.rules->judge(event, on_match);  // warms the regex's automaton
  ASSERT_EQ(matched, 1U);
  const std::size_t before = g_allocations.load();
  for (int i = 0; i < 1000; ++i) {
    loaded.rules->judge(event, on_match);
  }
  EXPECT_EQ(g_allocations.load() - before, 0U);
  EXPECT_EQ(matched, 1001U);
}

// Rules that remember cost nothing where they are not met, nor where there is no run to go on with.
TEST(Allocation, WhatRulesRememberIsNotTouchedByOtherEvents) {
  const LoadedRules loaded = testing::load_text(R"({"rules": [
    {"id": "plain", "name": "P", "severity": "low", "event": "exec"},
    {"id": "counts", "name": "C", "severity": "low", "event": "exec", "match": {"process.pid": 8},
     "count": {"by": ["process.name"], "within": "1h", "at_least": 3}},
    {"id": "follows", "name": "F", "severity": "low", "sequence": {"within": "1h", "steps": [
      {"event": "open"}, {"event": "exec", "match": {"process.executable": "$1.file.path"}}]}}]})");
  ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  RuleState state(loaded.rules);
  const Fixed event;
  std::size_t fired = 0;
  const std::function<void(const Rule&)> on_fire = [&](const Rule&) { ++fired; };
  state.judge(event, on_fire);  // makes room for the steps met, and for a key
  const std::size_t before = g_allocations.load();
  for (int i = 0; i < 1000; ++i) {
    state.judge(event, on_fire);
  }
  EXPECT_EQ(g_allocations.load() - before, 0U);
  EXPECT_EQ(fired, 1001U);
}

// Nor with many rules of all kinds, most of which the event does not meet.
TEST(Allocation, NorDoManyRules) {
  std::string text = R"({"rules": [)";
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    const std::array matches{R"("process.name": ["a", "b)" + n + R"("])",
                             R"("process.executable": {"prefix": "/usr/)" + n + R"("})",
                             R"("process.executable": {"regex": "^/(usr|opt)/.*)" + n + R"(\\.sh$"})",
                             R"("process.args": {"contains": "rather)" + n + R"("})",
                             R"("process.args": {"regex": "rather-a?.*)" + std::string(i % 4 == 0 ? "" : n) + R"("})",
                             R"("process.parent.name": {"cidr": "10.1.)" + std::to_string(i % 250) + R"(.0/24"})"};
    text += std::string(i == 0 ? "" : ",") + R"({"id": "r)" + n +
            R"(", "name": "R", "severity": "low", "event": "exec", "match": {)" +
            matches.at(static_cast<std::size_t>(i) % matches.size()) + "}}";
  }
  const LoadedRules loaded = testing::load_text(text + "]}");
  ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  const Fixed event;
  std::size_t matched = 0;
  const std::function<void(const Match&)> on_match = [&](const Match&) { ++matched; };
  loaded.rules->judge(event, on_match);  // warms the regexes' automata
  EXPECT_GT(matched, 1U);
  const std::size_t before = g_allocations.load();
  for (int i = 0; i < 100; ++i) {
    loaded.rules->judge(event, on_match);
  }
  EXPECT_EQ(g_allocations.load() - before, 0U);
}

// The counter counts.
TEST(Allocation, IsSeen) {
  const std::size_t before = g_allocations.load();
  const std::string text(1000, 'x');
  EXPECT_EQ(text.size(), 1000U);
  EXPECT_GT(g_allocations.load(), before);
}

}  // namespace
}  // namespace bongsu
