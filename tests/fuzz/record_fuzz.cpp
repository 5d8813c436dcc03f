// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as records from the kernel, one after another, all the way they go in user space: decoded, joined with who
// did it, judged by the rules that come with the program, worded as alerts. Nothing may crash, read outside, hang or
// grow; events and alerts are JSON on one line, and an alert can be read back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alert/builder.h"
#include "alert/redact.h"
#include "events/event_json.h"
#include "events/record.h"
#include "fuzz/support.h"
#include "identity/identity.h"
#include "payload/alert_line.h"
#include "rules/engine.h"
#include "rules/rule_state.h"
#include "support/source_folder.h"

namespace {

using bongsu::fuzz::expect;
using bongsu::fuzz::one_line;

// So many bytes before each: its size, and how the kernel's padding and the type are to be.
constexpr std::size_t kHeadBytes = 3;
constexpr std::size_t kMostRecords = 64;
// The kernel's clock counts from the start of the machine: 73 years leave room for all that is added to it.
constexpr std::uint64_t kLatestNs = std::uint64_t{1} << 61;

// Every other cgroup that nobody told of is a container's.
class Resolver final : public bongsu::CgroupResolver {
 public:
  [[nodiscard]] std::optional<std::string> path_of(bongsu::CgroupKey key) override {
    if (key.id % 2 == 0) {
      return std::nullopt;
    }
    return "/kubepods/pod01a2002b-ffff-7160-8ceb-854a0228bcde/" + std::string(64, static_cast<char>('0' + key.id % 10));
  }
};

bongsu::Identity::Options options() {
  bongsu::Identity::Options options;
  options.host_name = "host";
  options.boot_id = "5f0c5f0c-5f0c-5f0c-5f0c-5f0c5f0c5f0c";
  options.wall_minus_boot_ns = 1'795'246'460'000'000'000;
  options.processes = {.max_processes = 16, .max_args_bytes = 4096};
  options.max_containers = 4;
  options.max_cgroups = 8;
  options.max_pods = 4;
  options.resolver = std::make_unique<Resolver>();
  return options;
}

struct Judging {
  std::shared_ptr<const bongsu::Ruleset> rules;
  std::unique_ptr<bongsu::Redactor> redactor;
};

const Judging& judging() {
  static const Judging kJudging = [] {
    const std::vector<std::filesystem::path> paths{bongsu::source_folder() / "rules"};
    auto loaded = bongsu::load_rules(paths, 0);
    expect(loaded.has_value() && loaded->rules != nullptr && !loaded->rules->rules().empty());
    auto redactor = bongsu::Redactor::make();
    expect(redactor.has_value());
    return Judging{loaded->rules, *std::move(redactor)};
  }();
  return kJudging;
}

void look(const bongsu::LiveEvent& event, bongsu::RuleState& state, const bongsu::AlertBuilder& builder) {
  for (const bongsu::FieldInfo& field : bongsu::fields()) {
    std::string text;
    bongsu::append_value_text(text, event.value(field.id));
    expect(one_line(text));
  }
  std::string line;
  bongsu::append_event_json(line, event);
  expect(one_line(line) && nlohmann::json::accept(line));
  state.judge(event, [&](const bongsu::Rule& rule) {
    const auto alert = builder.build(event, rule);
    expect(one_line(alert->json));
    const auto again = bongsu::read_alert(alert->json);
    expect(again && again->id == alert->id && again->rule_id == rule.id);
  });
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bongsu::Identity identity(options());
  bongsu::RuleState state(judging().rules);
  const bongsu::AlertBuilder builder(
      {.version = "fuzz", .text = bongsu::TextStyle::plain, .redactor = judging().redactor.get()});
  std::vector<std::uint64_t> memory;  // aligned as the rings are
  for (std::size_t records = 0; size >= kHeadBytes && records < kMostRecords; ++records) {
    std::uint16_t length = 0;
    std::memcpy(&length, data, sizeof length);
    const std::uint8_t way = data[2];
    data += kHeadBytes;
    size -= kHeadBytes;
    const std::size_t used = std::min<std::size_t>(length, size);
    memory.assign(used / 8 + 2, 0);
    std::memcpy(memory.data(), data, used);
    data += used;
    size -= used;
    if (way % 2 == 0 && used >= sizeof(bongsu_header)) {  // else as it came
      auto& header = *reinterpret_cast<bongsu_header*>(memory.data());
      header.size = static_cast<std::uint32_t>(used);
      header.type = static_cast<std::uint16_t>(header.type % bongsu::kEventCount);
    }
    const auto bytes = std::as_bytes(std::span(memory)).first(used + way / 2 % 8);
    const auto record = bongsu::Record::decode(bytes);
    if (!record || record->header().time_ns > kLatestNs || record->task().start_ns > kLatestNs) {
      continue;
    }
    expect(record->bytes().size() <= bytes.size());
    if (const bongsu::LiveEvent* event = identity.observe(*record)) {
      look(*event, state, builder);
    }
  }
  const bongsu::IdentityCounters counters = identity.counters();
  expect(counters.events <= counters.records && counters.containers_known <= 4 && counters.cgroups_known <= 8);
  return 0;
}
