// SPDX-License-Identifier: Apache-2.0
//
// Waiting for two real ring buffers, written by the kernel.
#include "sensor/record_wait.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "support/kernel/record_writer.h"

namespace bongsu::test {
namespace {

constexpr std::uint32_t kRoomyBytes = 8 << 20;
constexpr int kPatienceMs = 20'000;

using Way = RecordWriter::Way;

class RecordWaitTest : public testing::Test {
 protected:
  void SetUp() override { open(kRoomyBytes); }
  void open(std::uint32_t bytes) {
    transport_.reset();
    lifecycle_ = make_map(BPF_MAP_TYPE_RINGBUF, bytes);
    bulk_ = make_map(BPF_MAP_TYPE_RINGBUF, bytes);
    auto transport = make_ring_transport({.lifecycle = lifecycle_.get(), .bulk = bulk_.get()});
    ASSERT_TRUE(transport.has_value()) << transport.error().to_string();
    transport_ = std::move(*transport);
    wait_ = RecordWait();
  }
  // The number of records; their times are added to times_.
  std::size_t poll(int timeout_ms, int wake_fd = -1) {
    const auto count = wait_.poll(*transport_, timeout_ms, wake_fd, [&](std::span<const std::byte> bytes) {
      bongsu_header header{};
      ASSERT_EQ(bytes.size(), sizeof(header));
      std::memcpy(&header, bytes.data(), sizeof(header));
      times_.push_back(header.time_ns);
    });
    EXPECT_TRUE(count.has_value());
    return count.value_or(0);
  }
  UniqueFd lifecycle_;
  UniqueFd bulk_;
  std::unique_ptr<Transport> transport_;
  RecordWait wait_;
  std::vector<std::uint64_t> times_;
};

TEST_F(RecordWaitTest, WithoutRecordsItSleepsOnce) {
  EXPECT_EQ(poll(50), 0U);
  EXPECT_EQ(poll(0), 0U);
  EXPECT_EQ(wait_.sleeps(), 2U);
  EXPECT_EQ(wait_.naps(), 0U);
}

TEST_F(RecordWaitTest, ARecordWakesTheSleeper) {
  const RecordWriter bulk(bulk_, Way::ring);
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it may sleep by then, or not: both must do
    EXPECT_TRUE(bulk.write(1));
  });
  EXPECT_EQ(poll(kPatienceMs), 1U);
  writer.join();
}

// The writers save themselves the wake-up as long as the reader looks by itself.
TEST_F(RecordWaitTest, NoRecordWakesWhileItNaps) {
  const RecordWriter lifecycle(lifecycle_, Way::ring);
  const RecordWriter bulk(bulk_, Way::ring);
  ASSERT_TRUE(lifecycle.write(1));
  ASSERT_TRUE(bulk.write(2));
  ASSERT_EQ(poll(kPatienceMs), 2U);
  ASSERT_EQ(wait_.sleeps(), 1U);
  for (std::uint64_t time_ns = 3; time_ns < 1'000; time_ns += 2) {
    ASSERT_TRUE(lifecycle.write(time_ns));
    ASSERT_TRUE(bulk.write(time_ns + 1));
    ASSERT_EQ(poll(kPatienceMs), 2U);
  }
  EXPECT_EQ(times_.size(), 1'000U);
  EXPECT_LT(wait_.sleeps(), 10U);  // but for the times when this machine let a nap end late
}

// Once it sleeps, it does so until the time-out.
TEST_F(RecordWaitTest, AfterAFewNapsInVainItSleepsAndTheNextRecordWakes) {
  const RecordWriter bulk(bulk_, Way::ring);
  for (std::uint64_t time_ns = 1; time_ns <= 50; ++time_ns) {
    ASSERT_TRUE(bulk.write(time_ns));
    ASSERT_EQ(poll(kPatienceMs), 1U);
    ASSERT_EQ(poll(5), 0U);
  }
  EXPECT_EQ(times_.size(), 50U);
  EXPECT_LE(wait_.naps(), 50U * RecordWait::kInVain);
}

TEST_F(RecordWaitTest, TheOtherDescriptorEndsNapAndSleep) {
  const UniqueFd other(::eventfd(1, EFD_CLOEXEC));
  const RecordWriter bulk(bulk_, Way::ring);
  EXPECT_EQ(poll(kPatienceMs, other.get()), 0U);
  ASSERT_TRUE(bulk.write(1));
  EXPECT_EQ(poll(kPatienceMs, other.get()), 1U);
  EXPECT_EQ(poll(kPatienceMs, other.get()), 0U);
}

// A ring that a few records fill has no room for one that is read and not given back.
TEST_F(RecordWaitTest, ASmallRingIsReadAtOnceAndHasAllItsRoomAgain) {
  open(4096);
  const RecordWriter bulk(bulk_, Way::ring);
  std::size_t written = 0;
  for (; bulk.write(written); ++written) {
  }
  EXPECT_EQ(poll(kPatienceMs), written);
  for (std::size_t again = 0; again < written; ++again) {
    EXPECT_TRUE(bulk.write(again));
  }
  EXPECT_EQ(wait_.naps(), 0U);
}

// Pauses of about a nap's length, so that many a record comes just as the reader goes to sleep. A lost wake-up shows as
// a poll that ends without anything.
TEST_F(RecordWaitTest, NoRecordIsLeftLyingByAReaderThatGoesToSleep) {
  constexpr std::uint64_t kRecords = 2'000;
  const RecordWriter lifecycle(lifecycle_, Way::ring);
  const RecordWriter bulk(bulk_, Way::ring);
  std::atomic<std::uint64_t> read{0};
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (std::uint64_t time_ns = 1; time_ns <= kRecords && !stop; ++time_ns) {
      EXPECT_TRUE((time_ns % 3 == 0 ? lifecycle : bulk).write(time_ns));
      while (read < time_ns && !stop) {
        std::this_thread::yield();  // each record waits for the one before it to be read, so one is the last again and
                                    // again
      }
      const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(time_ns * 7919 % 50'000);
      while (time_ns % 16 == 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
      }
    }
  });
  while (times_.size() < kRecords && poll(kPatienceMs) > 0) {
    read = times_.size();
  }
  stop = true;
  writer.join();
  ASSERT_EQ(times_.size(), kRecords) << "no wake-up came";
}

}  // namespace
}  // namespace bongsu::test
