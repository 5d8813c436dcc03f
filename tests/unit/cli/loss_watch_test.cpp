// SPDX-License-Identifier: Apache-2.0
#include "cli/loss_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace bongsu {
namespace {

constexpr std::int64_t kInterval = 10;

using Told = std::vector<std::tuple<std::string, std::string, std::uint64_t>>;

struct LossWatchTest : testing::Test {
  LossWatch watch{kInterval};
  Told told;
  LossWatch::Tell tell = [this](std::string_view what, std::string_view reason, std::uint64_t count) {
    told.emplace_back(what, reason, count);
  };
};

TEST_F(LossWatchTest, SaysNothingWhileNothingIsLost) {
  watch.look("exec", "ring_full", 0, 0, tell);
  watch.flush(tell);
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(watch.total(), 0U);
}

TEST_F(LossWatchTest, TellsTheFirstLossAtOnceAndAnOngoingOneOncePerInterval) {
  watch.look("exec", "ring_full", 3, 100, tell);
  watch.look("exec", "ring_full", 5, 100 + kInterval - 1, tell);
  EXPECT_EQ(told, (Told{{"exec", "ring_full", 3}}));
  watch.look("exec", "ring_full", 9, 100 + kInterval, tell);
  EXPECT_EQ(told, (Told{{"exec", "ring_full", 3}, {"exec", "ring_full", 6}}));
}

TEST_F(LossWatchTest, KeepsEventsAndReasonsApart) {
  watch.look("exec", "ring_full", 1, 0, tell);
  watch.look("exec", "reentrant", 1, 0, tell);
  watch.look("fork", "ring_full", 1, 0, tell);
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(watch.total(), 3U);
}

TEST_F(LossWatchTest, TheLastLookTellsWhatWasHeldBackAndNothingTwice) {
  watch.look("exec", "ring_full", 1, 0, tell);
  watch.look("exec", "ring_full", 4, 1, tell);
  watch.flush(tell);
  watch.flush(tell);
  EXPECT_EQ(told, (Told{{"exec", "ring_full", 1}, {"exec", "ring_full", 3}}));
  EXPECT_EQ(watch.total(), 4U);
}

}  // namespace
}  // namespace bongsu
