// SPDX-License-Identifier: Apache-2.0
//
// Two real ring buffers, written by the kernel. tests/unit/sensor has the cases that cannot be brought about here.
#include <gmock/gmock.h>
#include <poll.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "sensor/transport.h"
#include "support/kernel/record_writer.h"

namespace bongsu::test {
namespace {

constexpr std::uint32_t kSmallBytes = 4096;
constexpr std::size_t kMostAtOnce = 4096;  // records
constexpr int kPatienceMs = 20'000;

using Way = RecordWriter::Way;

class RingTransportTest : public testing::Test {
 protected:
  void open(std::uint32_t lifecycle_bytes, std::uint32_t bulk_bytes) {
    lifecycle_ = make_map(BPF_MAP_TYPE_RINGBUF, lifecycle_bytes);
    if (bulk_bytes != 0) {
      bulk_ = make_map(BPF_MAP_TYPE_RINGBUF, bulk_bytes);
    }
    auto transport = make_ring_transport({.lifecycle = lifecycle_.get(), .bulk = bulk_.get()});
    ASSERT_TRUE(transport.has_value()) << transport.error().to_string();
    transport_ = std::move(*transport);
  }
  [[nodiscard]] bool readable(int timeout_ms = 0) const {
    pollfd ready{transport_->fd(), POLLIN, 0};
    return ::poll(&ready, 1, timeout_ms) == 1;
  }
  // Adds the times of what is handed over to times_.
  std::size_t consume() {
    return transport_->consume([&](std::span<const std::byte> bytes) {
      bongsu_header header{};
      ASSERT_EQ(bytes.size(), sizeof(header));
      std::memcpy(&header, bytes.data(), sizeof(header));
      times_.push_back(header.time_ns);
    });
  }

  UniqueFd lifecycle_;
  UniqueFd bulk_;
  std::unique_ptr<Transport> transport_;
  std::vector<std::uint64_t> times_;
};

TEST_F(RingTransportTest, HandsOverBothRingsInOneOrder) {
  open(kSmallBytes, 2 * kSmallBytes);
  const RecordWriter lifecycle(lifecycle_, Way::ring);
  const RecordWriter bulk(bulk_, Way::ring);
  EXPECT_FALSE(readable());
  for (const std::uint64_t time_ns : {1U, 2U, 5U}) {
    ASSERT_TRUE(bulk.write(time_ns));
  }
  for (const std::uint64_t time_ns : {3U, 4U, 6U}) {
    ASSERT_TRUE(lifecycle.write(time_ns));
  }
  EXPECT_TRUE(readable(kPatienceMs));
  EXPECT_EQ(consume(), 6U);
  EXPECT_EQ(times_, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_FALSE(readable());
  EXPECT_TRUE(transport_->lost_per_cpu().empty());
}

TEST_F(RingTransportTest, BulkMayBeMissing) {
  open(kSmallBytes, 0);
  const RecordWriter lifecycle(lifecycle_, Way::ring);
  for (std::uint64_t time_ns = 1; time_ns <= 100; ++time_ns) {  // several times round
    ASSERT_TRUE(lifecycle.write(time_ns));
    EXPECT_TRUE(readable(kPatienceMs));
    EXPECT_EQ(consume(), 1U);
    EXPECT_EQ(times_.back(), time_ns);
    EXPECT_FALSE(readable());
  }
}

TEST_F(RingTransportTest, ADiscardedRecordIsNoneAndTheNextWakes) {
  open(kSmallBytes, kSmallBytes);
  const RecordWriter discarding(bulk_, Way::ring_discarded);
  const RecordWriter bulk(bulk_, Way::ring);
  ASSERT_TRUE(discarding.write(0));
  EXPECT_EQ(consume(), 0U);
  EXPECT_FALSE(readable());
  ASSERT_TRUE(bulk.write(2));
  EXPECT_TRUE(readable(kPatienceMs));
  EXPECT_EQ(consume(), 1U);
}

TEST_F(RingTransportTest, AFullRingHasRoomOnceItIsRead) {
  open(kSmallBytes, kSmallBytes);
  const RecordWriter lifecycle(lifecycle_, Way::ring);
  std::uint64_t written = 0;
  while (lifecycle.write(written)) {
    ++written;
  }
  EXPECT_EQ(consume(), written);
  for (std::uint64_t again = 0; again < written; ++again) {
    EXPECT_TRUE(lifecycle.write(again));
  }
}

// Whoever polls looks after other things between two batches, and comes back without a new record having to come. The
// kernel does not wake for what is written while reading is behind; here it does not wake at all.
TEST_F(RingTransportTest, StaysReadableWhenABatchLeavesSomething) {
  for (const bool in_bulk : {false, true}) {
    open(2 << 20, 2 << 20);
    times_.clear();
    EXPECT_FALSE(readable());
    const RecordWriter writer(in_bulk ? bulk_ : lifecycle_, Way::ring_without_wakeup);
    for (std::uint64_t time_ns = 0; time_ns < kMostAtOnce + 10; ++time_ns) {
      ASSERT_TRUE(writer.write(time_ns));
    }
    ASSERT_FALSE(readable()) << "this kernel woke all the same";
    EXPECT_EQ(consume(), kMostAtOnce);
    EXPECT_TRUE(readable());
    EXPECT_EQ(consume(), 10U);
    EXPECT_EQ(times_.back(), kMostAtOnce + 9);
    EXPECT_FALSE(readable());
  }
}

// Each record is caused by the one before it: written on another thread, mostly in the other ring. A lost wake-up shows
// as a poll that ends without anything.
TEST_F(RingTransportTest, AChainOfCausesWrittenMeanwhile) {
  constexpr std::uint64_t kRecords = 50'000;
  open(kSmallBytes, kSmallBytes);
  const RecordWriter lifecycle(lifecycle_, Way::ring);
  const RecordWriter bulk(bulk_, Way::ring);
  std::atomic<std::uint64_t> next_time{1};
  std::atomic<bool> stop{false};
  const auto write_every_other = [&](std::uint64_t first) {
    for (std::uint64_t time_ns = first; time_ns <= kRecords && !stop; time_ns += 2) {
      while (next_time != time_ns && !stop) {
        std::this_thread::yield();
      }
      const RecordWriter& writer = time_ns % 3 == 0 ? lifecycle : bulk;
      while (!stop && !writer.write(time_ns)) {
        std::this_thread::yield();
      }
      next_time = time_ns + 1;
    }
  };
  std::thread odd(write_every_other, 1);
  std::thread even(write_every_other, 2);
  while (times_.size() < kRecords && readable(kPatienceMs)) {
    consume();
  }
  stop = true;
  odd.join();
  even.join();
  ASSERT_EQ(times_.size(), kRecords) << "no wake-up came";
  for (std::uint64_t i = 0; i < kRecords; ++i) {
    ASSERT_EQ(times_[i], i + 1);
  }
}

TEST_F(RingTransportTest, AMapThatIsNoRingIsRefused) {
  const UniqueFd array = make_map(BPF_MAP_TYPE_ARRAY, 1);
  const auto transport = make_ring_transport({.lifecycle = array.get(), .bulk = -1});
  ASSERT_FALSE(transport.has_value());
  EXPECT_THAT(transport.error().message, testing::HasSubstr("cannot map the ring buffer"));
}

}  // namespace
}  // namespace bongsu::test
