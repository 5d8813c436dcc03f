// SPDX-License-Identifier: Apache-2.0
#include "cli/logging.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <string>

#include "base/log.h"

namespace bongsu {
namespace {

TEST(Log, AnEntryIsALineWhateverTheNamesInIt) {
  const auto others = spdlog::default_logger();
  ASSERT_TRUE(set_up_log("info", false));
  testing::internal::CaptureStderr();
  log::warn("no rules at {}", "/rules/\x1b]0;owned\x07\n2026-01-01T00:00:00.000Z info forged\x9b.json");
  log::flush();
  const std::string line = testing::internal::GetCapturedStderr();
  spdlog::set_default_logger(others);
  EXPECT_NE(line.find(R"(Z warning no rules at /rules/\x1b]0;owned\x07\x0a2026-01-01T00:00:00.000Z info forged\x9b)"),
            std::string::npos)
      << line;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace bongsu
