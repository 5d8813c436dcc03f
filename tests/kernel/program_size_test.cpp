// SPDX-License-Identifier: Apache-2.0
//
// No program grows unnoticed: its instructions against bpf/baseline.json.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json_document.h"
#include "sensor/sensor.h"
#include "support/kernel/child.h"
#include "support/source_folder.h"

namespace bongsu::test {
namespace {

std::map<std::string, std::int64_t> baseline() {
  const auto document = JsonDocument::parse(read_file((source_folder() / "bpf/baseline.json").string()));
  std::map<std::string, std::int64_t> sizes;
  if (!document) {
    ADD_FAILURE() << document.error().to_string();
    return sizes;
  }
  const JsonNode* programs = document->root().find("programs");
  for (const auto& program : programs == nullptr ? std::vector<JsonNode::Member>{} : programs->members) {
    const JsonNode* instructions = program.value.find("instructions");
    sizes.emplace(program.key, instructions == nullptr ? 0 : instructions->integer);
  }
  return sizes;
}

TEST(ProgramSizeTest, NoneHasGrownByMoreThanAFifth) {
  const SystemClock clock;
  SensorOptions options;
  options.events.set();
  const auto sensor = Sensor::open(options, clock);
  ASSERT_TRUE(sensor) << sensor.error().to_string();
  const auto before = baseline();
  const auto programs = (*sensor)->programs();
  EXPECT_GE(programs.size(), 15U);
  for (const Sensor::ProgramCost& program : programs) {
    ASSERT_TRUE(before.contains(program.name)) << program.name << ": not in bpf/baseline.json; scripts/bpf-baseline";
    EXPECT_LE(program.instructions * 5, before.at(program.name) * 6)
        << program.name << ": make it smaller, or run scripts/bpf-baseline and say why it grew";
    EXPECT_GT(program.instructions, 0U) << program.name;
  }
}

}  // namespace
}  // namespace bongsu::test
