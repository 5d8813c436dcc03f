// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "sinks/queued.h"
#include "support/queued_sink.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Queued, DeliversInOrderAndDrains) {
  const auto sink = make();
  for (const char* id : {"1", "2", "3"}) {
    EXPECT_TRUE(sink->deliver(make_alert(id)));
  }
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(sink->stats().delivered, 3U);
  EXPECT_EQ(sink->stats().queued, 0U);
  EXPECT_EQ(sink->stats().queued_bytes, 0U);
  EXPECT_FALSE(sink->deliver(make_alert("4")));
  EXPECT_EQ(sink->stats().refused_closed, 1U);
  EXPECT_TRUE(sink->drain(soon()));
}

TEST_F(Queued, MeasuresFromTheAlertToItsDeliveryRetriesIncluded) {
  script_.set_open(false);
  script_.next = {Attempt::retry("busy"), Attempt(), Attempt::rejected("bad")};
  const auto sink = make();
  clock_.now = 1'000;
  sink->deliver(make_alert("1"));
  sink->deliver(make_alert("2"));
  script_.await_inside();
  clock_.now = 3'000'001'000;
  script_.set_open(true);
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_EQ(sink->stats().delivery.sum_ns(), 3'000'000'000U) << "one delivered, one rejected";
}

TEST_F(Queued, WhatIsFilteredIsNoRefusal) {
  const auto sink = make();
  EXPECT_TRUE(sink->deliver(make_alert("1", Severity::info)));
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), IsEmpty());
  EXPECT_EQ(sink->stats().filtered, 1U);
}

TEST_F(Queued, WhenFullTheOldestOfTheLowestSeverityMakeRoomWithoutBlocking) {
  script_.set_open(false);
  const auto sink = make(3);
  EXPECT_TRUE(sink->deliver(make_alert("sent", Severity::low)));
  script_.await_inside();
  EXPECT_TRUE(sink->deliver(make_alert("low", Severity::low)));
  EXPECT_TRUE(sink->deliver(make_alert("high", Severity::high)));
  EXPECT_TRUE(sink->deliver(make_alert("low 2", Severity::low)));
  EXPECT_TRUE(sink->deliver(make_alert("low 3", Severity::low))) << "in place of low";
  EXPECT_TRUE(sink->deliver(make_alert("high 2", Severity::high))) << "in place of low 2";
  EXPECT_TRUE(sink->deliver(make_alert("high 3", Severity::high))) << "in place of low 3";
  EXPECT_FALSE(sink->deliver(make_alert("low 4", Severity::low))) << "nothing is less severe";
  EXPECT_EQ(sink->stats().refused_full, 1U);
  EXPECT_EQ(sink->stats().evicted, 3U);
  EXPECT_EQ(sink->stats().queued, 4U);
  script_.set_open(true);
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("sent", "high", "high 2", "high 3"));
  EXPECT_EQ(sink->stats().delivered, 4U);
}

TEST_F(Queued, IsBoundedInBytesToo) {
  script_.set_open(false);
  const auto alert = make_alert("1");
  const auto sink = make(100, alert->bytes() * 2);
  EXPECT_TRUE(sink->deliver(make_alert("0")));
  script_.await_inside();
  EXPECT_TRUE(sink->deliver(alert));
  EXPECT_TRUE(sink->deliver(alert));
  EXPECT_EQ(sink->stats().queued_bytes, alert->bytes() * 3) << "with the one in flight";
  EXPECT_TRUE(sink->deliver(alert));
  EXPECT_EQ(sink->stats().evicted, 1U);
  EXPECT_FALSE(sink->deliver(make_alert(std::string(1'000, 'x')))) << "it would never fit";
  EXPECT_EQ(sink->stats().evicted, 1U) << "so nobody makes room for it";
  EXPECT_TRUE(sink->deliver(alert));
  script_.set_open(true);
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_EQ(sink->stats().queued_bytes, 0U);
}

TEST_F(Queued, TriesAgainTheSameBeforeTheNext) {
  script_.next = {Attempt::retry("busy"), Attempt::retry("busy"), Attempt(), Attempt::rejected("bad"), Attempt()};
  const auto sink = make();
  for (const char* id : {"1", "2", "3"}) {
    sink->deliver(make_alert(id));
  }
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "1", "1", "2", "3"));
  EXPECT_EQ(sink->stats().delivered, 2U);
  EXPECT_EQ(sink->stats().rejected, 1U);
  EXPECT_EQ(sink->stats().retries, 2U);
  EXPECT_THAT(lines_.all(), ElementsAre("test: busy", "test: delivering again", "test: bad", "test: delivering again"));
}

TEST_F(Queued, WaitsAsLongAsTheOtherSideAsks) {
  Attempt later = Attempt::retry("busy");
  later.wait = std::chrono::hours(10);
  script_.next = {later};
  const auto sink = make();
  sink->deliver(make_alert("1"));
  EXPECT_TRUE(eventually([&] { return !lines_.all().empty(); }));
  EXPECT_EQ(sink->stats().queued, 1U);
  // The end of the program does not wait for that: one more attempt.
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "1"));
  EXPECT_EQ(sink->stats().delivered, 1U);
}

TEST_F(Queued, AtTheDeadlineTheRestIsCountedAndToldAndNothingHangs) {
  script_.set_open(false);
  const auto sink = make();
  for (const char* id : {"1", "2", "3"}) {
    sink->deliver(make_alert(id));
  }
  script_.await_inside();
  EXPECT_FALSE(sink->drain(soon(milliseconds(20))));
  EXPECT_EQ(sink->stats().undelivered, 3U);
  EXPECT_EQ(sink->stats().delivered, 0U);
  EXPECT_EQ(sink->stats().queued, 0U);
  EXPECT_THAT(lines_.all(), ElementsAre("test: 3 alerts could not be delivered in time and are lost"));
  EXPECT_FALSE(sink->drain(soon()));
}

TEST_F(Queued, ADestinationThatStaysAwayIsGivenUpAtTheDeadline) {
  for (int i = 0; i < 100'000; ++i) {
    script_.next.push_back(Attempt::retry("away"));
  }
  const auto sink = make();
  sink->deliver(make_alert("1"));
  EXPECT_FALSE(sink->drain(soon(milliseconds(50))));
  EXPECT_EQ(sink->stats().undelivered, 1U);
  EXPECT_GE(script_.ids().size(), 2U);
}

TEST_F(Queued, DestroyedWithoutADrainItTellsWhatIsLost) {
  script_.set_open(false);
  auto sink = make();
  sink->deliver(make_alert("1"));
  sink.reset();
  EXPECT_THAT(lines_.all(), ElementsAre(HasSubstr("1 alerts could not be delivered")));
}

// No thread can be had while its stack would be larger than the address space.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&usual_);
    pthread_attr_t vast = usual_;
    pthread_attr_setstacksize(&vast, std::size_t{1} << 62U);
    pthread_setattr_default_np(&vast);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() { pthread_setattr_default_np(&usual_); }

 private:
  pthread_attr_t usual_{};
};

TEST_F(Queued, WithoutAThreadAlertsWaitUntilThereIsOne) {
  std::optional<NoThreads> none(std::in_place);
  const auto sink = make();
  EXPECT_THAT(sink->stats().no_thread, HasSubstr("unavailable"));
  EXPECT_TRUE(sink->deliver(make_alert("1")));
  sink->recover();
  EXPECT_EQ(sink->stats().queued, 1U);
  EXPECT_THAT(lines_.all(), ElementsAre(HasSubstr("no thread to deliver them"))) << "told once";
  none.reset();
  sink->recover();
  EXPECT_EQ(sink->stats().no_thread, "");
  EXPECT_TRUE(sink->deliver(make_alert("2")));
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1", "2"));
}

TEST_F(Queued, WithoutAThreadToTheEndWhatWaitsIsCountedAsLost) {
  const NoThreads none;
  const auto sink = make();
  sink->deliver(make_alert("1"));
  EXPECT_FALSE(sink->drain(soon()));
  EXPECT_EQ(sink->stats().undelivered, 1U);
}

TEST_F(Queued, ADrainIsTheLastChanceForAThread) {
  std::optional<NoThreads> none(std::in_place);
  const auto sink = make();
  sink->deliver(make_alert("1"));
  none.reset();
  EXPECT_TRUE(sink->drain(soon()));
  EXPECT_THAT(script_.ids(), ElementsAre("1"));
}

TEST_F(Queued, EveryAlertIsCountedOnceWhateverHappens) {
  for (int i = 0; i < 300; ++i) {
    script_.next.push_back(i % 3 == 0 ? Attempt::retry("x") : i % 3 == 1 ? Attempt::rejected("y") : Attempt());
  }
  const auto sink = make(50);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        sink->deliver(make_alert(std::to_string(i), i % 10 == 0 ? Severity::info : Severity::high));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  sink->drain(soon());
  const SinkStats stats = sink->stats();
  EXPECT_EQ(stats.filtered, 200U);
  EXPECT_EQ(stats.filtered + stats.refused_full + stats.evicted + stats.refused_closed + stats.delivered +
                stats.rejected + stats.undelivered + stats.queued,
            2000U);
  EXPECT_EQ(stats.queued, 0U);
}

}  // namespace
}  // namespace bongsu
