// SPDX-License-Identifier: Apache-2.0
//
// Once warm, nothing on the way from a record to its verdict by the default rules allocates: operator new of this
// program counts. Rules with a count or a sequence are left out: what they meet they remember, each key in memory of
// its own, within their bound.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "alert/builder.h"
#include "cli/judge.h"
#include "identity/identity.h"
#include "rules/engine.h"
#include "support/record_builder.h"
#include "support/source_folder.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);  // NOLINT(cppcoreguidelines-no-malloc): this is operator new
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc): these are operator new and delete
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::Who;

// The default rules that remember nothing.
LoadedRules plain_rules() {
  std::vector<RuleSource> sources;
  for (const auto& file : std::filesystem::directory_iterator(source_folder() / "rules")) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".json") || name.ends_with(".schema.json")) {
      continue;
    }
    std::ifstream in(file.path());
    auto text = nlohmann::json::parse(in);
    if (text.contains("rules")) {
      auto plain = nlohmann::json::array();
      for (const auto& rule : text["rules"]) {
        if (!rule.contains("sequence") && !rule.contains("count")) {
          plain.push_back(rule);
        }
      }
      text["rules"] = std::move(plain);
    }
    sources.push_back({name, text.dump()});
  }
  return load_rule_sources(std::move(sources), 0);
}

TEST(NoAllocation, FromRecordToVerdictOnceWarm) {
  const LoadedRules loaded = plain_rules();
  ASSERT_NE(loaded.rules, nullptr);
  ASSERT_GT(loaded.rules->rules().size(), 200U);
  const AlertBuilder builder({.version = "test"});
  std::uint64_t alerts = 0;
  Judge judge(loaded.rules, SensorConfig::Scope::all, builder,
              [&](const std::shared_ptr<const Alert>& /*alert*/) { ++alerts; });
  Identity::Options options;
  options.host_name = "node-1";
  options.boot_id = "boot";
  options.processes.max_processes = 256;
  Identity identity(std::move(options));

  const Who shell{10, kSecond};
  const RecordBuilder made = RecordBuilder::cgroup_made(shell, 0, 5, "/docker/" + std::string(64, 'a'));
  ASSERT_NE(identity.observe(made.record()), nullptr);
  const RecordBuilder parent = RecordBuilder::exec(shell).program("/usr/bin/supervisor").args({"supervisor", "--run"});
  ASSERT_NE(identity.observe(parent.record()), nullptr);

  std::array<RecordBuilder, 5> life{RecordBuilder::fork(shell, shell), RecordBuilder::exec(shell),
                                    RecordBuilder::open(shell, "/srv/app/data/table"),
                                    RecordBuilder::connect(shell, {10, 1, 2, 3}, 5432), RecordBuilder::exit(shell)};
  life[1].program("/usr/lib/app/worker", "/opt/app/worker").args({"worker", "--config", "/etc/app/worker.json"});
  std::uint64_t now_ns = 10 * kSecond;
  std::uint64_t judged = 0;
  const auto live = [&](std::uint32_t pid) {
    const std::uint64_t start_ns = now_ns;
    for (RecordBuilder& each : life) {
      each.task().pid = each.task().tid = pid;
      each.task().start_ns = start_ns;
      each.task().uid = each.task().euid = 1000;
      now_ns += kSecond / 1000;
      const LiveEvent* event = identity.observe(each.at(now_ns).cgroup_v2(5).record());
      ASSERT_NE(event, nullptr);
      ASSERT_EQ(judge.on_event(*event), Judge::Verdict::judged);
      ++judged;
    }
  };
  for (std::uint32_t pid = 1'000; pid < 2'000; ++pid) {
    live(pid);  // every table is full now
  }
  const std::uint64_t before = allocations;
  for (std::uint32_t pid = 2'000; pid < 4'000; ++pid) {
    live(pid);
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(alerts, 0U) << "an everyday event fired a rule";
  EXPECT_EQ(judged, 15'000U);
}

// The counter counts.
TEST(NoAllocation, IsSeen) {
  const std::uint64_t before = allocations;
  const std::string text(1'000, 'x');
  EXPECT_EQ(text.size(), 1'000U);
  EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace bongsu
