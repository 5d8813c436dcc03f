// SPDX-License-Identifier: Apache-2.0
#include "sinks/queued.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/sink_support.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A channel that does what the test says, and holds still while its gate is shut.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  bool interrupted = false;
  std::deque<Attempt> next;        // then: delivered
  std::vector<std::string> tried;  // ids, in order; of a batch joined by +
  bool inside = false;             // an attempt waits at the gate

  void set_open(bool value) {
    const std::lock_guard lock(mutex);
    open = value;
    changed.notify_all();
  }
  std::vector<std::string> ids() {
    const std::lock_guard lock(mutex);
    return tried;
  }
  void await_inside() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return inside; });
  }
};

class ScriptedChannel final : public Channel {
 public:
  explicit ScriptedChannel(Script& script) : script_(script) {}
  Attempt send(Alerts alerts) override {
    std::unique_lock lock(script_.mutex);
    std::string ids;
    for (const auto& alert : alerts) {
      ids += (ids.empty() ? "" : "+") + alert->id;
    }
    script_.tried.push_back(ids);
    script_.inside = true;
    script_.changed.notify_all();
    script_.changed.wait(lock, [this] { return script_.open || script_.interrupted; });
    script_.inside = false;
    if (!script_.open) {
      return Attempt::retry("");
    }
    if (script_.next.empty()) {
      return {};
    }
    const Attempt attempt = script_.next.front();
    script_.next.pop_front();
    return attempt;
  }
  void interrupt() override {
    const std::lock_guard lock(script_.mutex);
    script_.interrupted = true;
    script_.changed.notify_all();
  }

 private:
  Script& script_;
};

class Queued : public testing::Test {
 protected:
  QueuedSink::Options options(std::size_t max_alerts = 100, std::size_t max_bytes = 1 << 20) {
    QueuedSink::Options options;
    options.name = "test";
    options.retry = {milliseconds(1), milliseconds(2)};
    options.max_alerts = max_alerts;
    options.max_bytes = max_bytes;
    options.log = lines_.writer();
    return options;
  }
  std::unique_ptr<QueuedSink> make(QueuedSink::Options options, std::unique_ptr<Backlog> inherited = nullptr) {
    auto sink =
        std::make_unique<QueuedSink>(std::move(options), std::make_unique<ScriptedChannel>(script_), clock_, random_);
    sink->set_filter({.min_severity = Severity::low, .tags = {}});
    sink->start(std::move(inherited));
    return sink;
  }
  std::unique_ptr<QueuedSink> make(std::size_t max_alerts = 100, std::size_t max_bytes = 1 << 20) {
    return make(options(max_alerts, max_bytes));
  }
  HandClock clock_;
  SystemRandom random_;
  Lines lines_;
  Script script_;
};

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
  EXPECT_EQ(stats.filtered + stats.refused_full + stats.evicted + stats.refused_closed + stats.delivered + stats.rejected +
                stats.undelivered + stats.queued,
            2000U);
  EXPECT_EQ(stats.queued, 0U);
}

}  // namespace
}  // namespace bongsu
