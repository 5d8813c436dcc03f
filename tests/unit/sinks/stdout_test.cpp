// SPDX-License-Identifier: Apache-2.0
//
// The stdout sink as it is configured, on pipes and sockets of the test's own.
#include "sinks/stdout_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "base/unique_fd.h"
#include "sinks/registry.h"
#include "support/sink_support.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;

class StdoutSink : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_.reset(ends[0]);
    writer_.reset(ends[1]);
  }

  void start(bool terminal = false) {
    auto sinks = make_sinks(config_, {writer_.get(), terminal, "1.2.3", clock_, random_});
    ASSERT_TRUE(sinks) << sinks.error().to_string();
    sinks_ = *std::move(sinks);
    ASSERT_EQ(sinks_.size(), 1U);
  }
  Sink& sink() { return *sinks_[0]; }

  // What can be read until the other end is closed.
  std::string read_all() {
    writer_.reset();
    std::string all;
    std::array<char, 4096> block{};
    for (ssize_t got = 0; (got = ::read(reader_.get(), block.data(), block.size())) > 0;) {
      all.append(block.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  static std::shared_ptr<const Alert> large_alert(const std::string& id, std::size_t bytes) {
    auto alert = std::make_shared<Alert>(*make_alert(id));
    alert->json = "{\"x\":\"" + std::string(bytes, id[0]) + "\"}";
    return alert;
  }

  Config config_;
  HandClock clock_;
  SystemRandom random_;
  UniqueFd reader_;
  UniqueFd writer_;
  Sinks sinks_;
};

TEST_F(StdoutSink, WritesOneObjectALine) {
  start();
  EXPECT_EQ(sink().name(), "stdout");
  sink().deliver(make_alert("1"));
  sink().deliver(make_alert("2"));
  EXPECT_TRUE(sink().drain(soon()));
  EXPECT_EQ(read_all(), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
}

TEST_F(StdoutSink, WritesTextToATerminalOrWhenAsked) {
  start(true);
  sink().deliver(make_alert("1"));
  EXPECT_TRUE(sink().drain(soon()));
  EXPECT_EQ(read_all(), "text 1\n");
  EXPECT_EQ(stdout_text_style(config_.stdout_alerts, true, true), TextStyle::colour);
  EXPECT_EQ(stdout_text_style(config_.stdout_alerts, true, false), TextStyle::plain);
  EXPECT_EQ(stdout_text_style(config_.stdout_alerts, false, true), TextStyle::none);
  config_.stdout_alerts.format = StdoutConfig::Format::text;
  EXPECT_EQ(stdout_text_style(config_.stdout_alerts, false, true), TextStyle::plain);
  config_.stdout_alerts.format = StdoutConfig::Format::json;
  EXPECT_EQ(stdout_text_style(config_.stdout_alerts, true, true), TextStyle::none);
}

TEST_F(StdoutSink, LooksAtTheSeverity) {
  config_.stdout_alerts.min_severity = 4;
  start();
  sink().deliver(make_alert("1", Severity::medium));
  sink().deliver(make_alert("2", Severity::high));
  EXPECT_TRUE(sink().drain(soon()));
  EXPECT_EQ(read_all(), "{\"id\":\"2\"}\n");
}

// Both kinds of descriptor, an alert many times larger than the pipe, and a reader that takes a few bytes at a time.
TEST_F(StdoutSink, WritesWholeLinesThroughASmallPipe) {
  for (const bool blocking : {true, false}) {
    SetUp();
    ASSERT_GE(::fcntl(writer_.get(), F_SETPIPE_SZ, 4096), 4096);
    if (!blocking) {
      ASSERT_EQ(::fcntl(writer_.get(), F_SETFL, O_NONBLOCK), 0);
    }
    start();
    std::string expected;
    for (const char* id : {"a", "b", "c"}) {
      const auto alert = large_alert(id, 100'000);
      expected += alert->json + "\n";
      sink().deliver(alert);
    }
    std::string got;
    std::array<char, 777> block{};
    while (got.size() < expected.size()) {
      const ssize_t size = ::read(reader_.get(), block.data(), block.size());
      ASSERT_GT(size, 0);
      got.append(block.data(), static_cast<std::size_t>(size));
    }
    EXPECT_TRUE(sink().drain(soon()));
    EXPECT_EQ(got, expected);
    EXPECT_EQ(sink().stats().delivered, 3U);
    sinks_.clear();
  }
}

TEST_F(StdoutSink, AReaderThatStopsHoldsUpNobodyButItself) {
  ASSERT_GE(::fcntl(writer_.get(), F_SETPIPE_SZ, 4096), 4096);
  start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(sink().deliver(large_alert("a", 10'000)));
  }
  EXPECT_FALSE(sink().drain(soon(milliseconds(20))));
  const SinkStats stats = sink().stats();
  EXPECT_EQ(stats.delivered + stats.undelivered, 20U);
  EXPECT_GT(stats.undelivered, 0U);
  sinks_.clear();  // the thread ends though the pipe is still full
}

TEST_F(StdoutSink, AClosedPipeIsCounted) {
  ASSERT_NE(std::signal(SIGPIPE, SIG_IGN), SIG_ERR);  // as main() does
  start();
  reader_.reset();
  sink().deliver(make_alert("1"));
  sink().deliver(make_alert("2"));
  EXPECT_TRUE(sink().drain(soon()));
  EXPECT_EQ(sink().stats().rejected, 2U);
  EXPECT_EQ(sink().stats().delivered, 0U);
}

TEST_F(StdoutSink, WritesToASocketToo) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  reader_.reset(ends[0]);
  writer_.reset(ends[1]);
  start();
  sink().deliver(make_alert("1"));
  EXPECT_TRUE(sink().drain(soon()));
  EXPECT_EQ(read_all(), "{\"id\":\"1\"}\n");
}

TEST_F(StdoutSink, AFullDeviceIsTriedAgain) {
  UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full);
  writer_ = std::move(full);
  start();
  sink().deliver(make_alert("1"));
  EXPECT_TRUE(eventually([&] { return sink().stats().retries >= 1; }));
  EXPECT_EQ(sink().stats().queued, 1U);
  EXPECT_FALSE(sink().drain(soon(milliseconds(1))));
  EXPECT_EQ(sink().stats().undelivered, 1U);
}

TEST_F(StdoutSink, ADescriptorThatIsNotOpenIsAnErrorOfTheStart) {
  const auto sinks = make_sinks(config_, {-1, false, "1", clock_, random_});
  ASSERT_FALSE(sinks);
  EXPECT_THAT(sinks.error().to_string(), testing::HasSubstr("Bad file descriptor"));
}

TEST(SinkRegistry, HasEveryKindWhoeverLinksIt) {
  std::vector<std::string_view> names;
  for (const SinkKind& kind : sink_kinds()) {
    names.push_back(kind.name);
  }
  EXPECT_THAT(names, testing::ElementsAre("file", "stdout", "syslog", "unix", "webhook"));
}

}  // namespace
}  // namespace bongsu
