// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sinks/queued.h"
#include "support/queued_sink.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// As a sink does, whose first alert is being sent while the others come.
void send_behind_the_first(Script& script, QueuedSink& sink, const std::vector<std::string>& ids) {
  script.set_open(false);
  sink.deliver(make_alert("first"));
  script.await_inside();
  for (const std::string& id : ids) {
    sink.deliver(make_alert(id));
  }
  script.set_open(true);
}

TEST_F(Queued, SendsWhatWaitsInBatches) {
  QueuedSink::Options batched = options();
  batched.batch.max_alerts = 3;
  const auto sink = make(std::move(batched));
  send_behind_the_first(script_, *sink, {"1", "2", "3", "4"});
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("first", "1+2+3", "4"));
  EXPECT_EQ(sink->stats().delivered, 5U);
  EXPECT_EQ(sink->stats().attempts, 3U);
}

TEST_F(Queued, ABatchIsBoundedInBytes) {
  QueuedSink::Options batched = options();
  batched.batch = {.max_alerts = 100, .max_bytes = make_alert("1")->bytes() * 2};
  const auto sink = make(std::move(batched));
  send_behind_the_first(script_, *sink, {"1", "2", "3"});
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("first", "1+2", "3"));
}

TEST_F(Queued, WaitsForABatchToFillButNotAtTheEnd) {
  QueuedSink::Options batched = options();
  batched.batch = {.max_alerts = 3, .max_bytes = 1 << 20, .max_wait = std::chrono::hours(1)};
  const auto sink = make(std::move(batched));
  for (const char* id : {"1", "2", "3", "4"}) {
    sink->deliver(make_alert(id));
  }
  EXPECT_TRUE(eventually([&] { return sink->stats().delivered == 3; }));
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1+2+3", "4"));
}

TEST_F(Queued, OfABatchThatIsPartlyRefusedTheRestGoesAgain) {
  QueuedSink::Options batched = options();
  batched.batch.max_alerts = 10;
  std::vector<std::string> kept;
  batched.keep_rejected = [&kept](const Alert& alert, const std::string& reason) {
    kept.push_back(alert.id + ": " + reason);
    return true;
  };
  Attempt partly;
  partly.refused = {{.index = 1, .again = true, .reason = "busy"}, {.index = 2, .again = false, .reason = "bad"}};
  script_.next = {Attempt(), partly};
  const auto sink = make(std::move(batched));
  send_behind_the_first(script_, *sink, {"1", "2", "3", "4"});
  EXPECT_TRUE(eventually([&] { return sink->stats().queued == 0; }));
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("first", "1+2+3+4", "2"));
  EXPECT_EQ(sink->stats().delivered, 4U);
  EXPECT_EQ(sink->stats().rejected, 1U);
  EXPECT_EQ(sink->stats().dead_lettered, 1U);
  EXPECT_THAT(kept, ElementsAre("3: bad"));
}

TEST_F(Queued, WhatIsTooMuchAtOnceIsSentInParts) {
  QueuedSink::Options batched = options();
  batched.batch.max_alerts = 10;
  Attempt split = Attempt::rejected("too large");
  split.too_large = true;
  script_.next = {Attempt(), split, Attempt(), split, Attempt(), Attempt::rejected("bad")};
  const auto sink = make(std::move(batched));
  send_behind_the_first(script_, *sink, {"1", "2", "3", "4"});
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("first", "1+2+3+4", "1+2", "3+4", "3", "4"));
  EXPECT_EQ(sink->stats().delivered, 4U);
  EXPECT_EQ(sink->stats().rejected, 1U);
}

TEST_F(Queued, ASuccessorGetsWhatWaitsInOrder) {
  script_.set_open(false);
  auto old = make();
  for (const char* id : {"1", "2", "3"}) {
    old->deliver(make_alert(id));
  }
  script_.await_inside();
  auto backlog = old->hand_over();
  EXPECT_FALSE(old->deliver(make_alert("late")));
  old.reset();
  EXPECT_THAT(lines_.all(), IsEmpty()) << "nothing is lost";
  script_.interrupted = false;
  script_.tried.clear();
  const auto sink = make(options(), std::move(backlog));
  sink->deliver(make_alert("4"));
  script_.set_open(true);
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "2", "3", "4"));
}

TEST_F(Queued, BeatsOnlyWhenNothingWaits) {
  script_.set_open(false);
  const auto sink = make();
  EXPECT_TRUE(sink->beat(make_alert("beat", Severity::info))) << "whatever the filter";
  script_.await_inside();
  EXPECT_FALSE(sink->beat(make_alert("late", Severity::info)));
  script_.set_open(true);
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("beat"));
}

class QueuedWithASpool : public Queued {
 protected:
  QueuedWithASpool() : folder_(std::filesystem::temp_directory_path() / ("queued-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  QueuedSink::Options spooled() {
    QueuedSink::Options with = options();
    with.spool = Spool::Options{.directory = folder_};
    return with;
  }
  std::filesystem::path folder_;
};

TEST_F(QueuedWithASpool, WhatADestinationDoesNotTakeWaitsForTheNextProgram) {
  for (int i = 0; i < 100'000; ++i) {
    script_.next.push_back(Attempt::retry("away"));
  }
  clock_.now = 5;
  {
    const auto sink = make(spooled());
    for (const char* id : {"1", "2"}) {
      EXPECT_TRUE(sink->deliver(make_alert(id)));
    }
    EXPECT_TRUE(eventually([&] { return sink->stats().failing_ns == 5; }));
    EXPECT_EQ(sink->stats().failure, "away");
    EXPECT_TRUE(sink->drain(soon())) << "nothing is lost, and nobody waits for it";
    EXPECT_EQ(sink->stats().undelivered, 0U);
    EXPECT_EQ(sink->stats().queued, 2U);
  }
  script_.next.clear();
  script_.tried.clear();
  const auto sink = make(spooled());
  EXPECT_EQ(sink->stats().found, 2U);
  EXPECT_TRUE(eventually([&] { return sink->stats().delivered == 2; }));
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "2"));
}

TEST_F(QueuedWithASpool, AtTheDeadlineNothingOfItIsLost) {
  script_.set_open(false);
  {
    const auto sink = make(spooled());
    sink->deliver(make_alert("1"));
    script_.await_inside();
    EXPECT_TRUE(sink->drain(soon(milliseconds(20))));
  }
  script_.interrupted = false;
  script_.set_open(true);
  const auto sink = make(spooled());
  EXPECT_TRUE(eventually([&] { return sink->stats().delivered == 1; }));
}

TEST_F(QueuedWithASpool, WhatTheDiskDidNotTakeIsLostAtTheEndAndCounted) {
  for (int i = 0; i < 100'000; ++i) {
    script_.next.push_back(Attempt::retry("away"));
  }
  const auto sink = make(spooled());
  std::filesystem::remove_all(folder_);
  EXPECT_TRUE(sink->deliver(make_alert("1")));
  EXPECT_TRUE(eventually([&] { return sink->stats().retries > 0; })) << "it is in flight";
  EXPECT_EQ(sink->stats().unspooled, 1U);
  EXPECT_FALSE(sink->drain(soon(milliseconds(30))));
  EXPECT_EQ(sink->stats().undelivered, 1U);
}

TEST_F(QueuedWithASpool, ASpoolThatCanBeUsedAgainIsUsed) {
  script_.set_open(false);
  std::ofstream(folder_) << "not a directory";
  const auto sink = make(spooled());
  EXPECT_NE(sink->stats().no_spool, "");
  sink->deliver(make_alert("1"));
  script_.await_inside();
  sink->deliver(make_alert("2"));
  std::filesystem::remove(folder_);
  sink->recover();
  EXPECT_EQ(sink->stats().no_spool, "");
  EXPECT_TRUE(sink->stats().has_spool);
  EXPECT_GT(sink->stats().spool_bytes, 0U);
  script_.set_open(true);
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "2"));
}

TEST_F(QueuedWithASpool, WithoutADiskItDeliversFromMemoryAndSaysSo) {
  std::ofstream(folder_) << "not a directory";
  const auto sink = make(spooled());
  EXPECT_THAT(lines_.all(), ElementsAre(HasSubstr("test: alerts wait in memory alone: spool ")));
  EXPECT_FALSE(sink->stats().has_spool);
  EXPECT_NE(sink->stats().no_spool, "");
  sink->deliver(make_alert("1"));
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1"));
}

}  // namespace
}  // namespace bongsu
