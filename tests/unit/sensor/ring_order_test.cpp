// SPDX-License-Identifier: Apache-2.0
//
// On fakes of the kernel's ring; tests/kernel/ring_transport_test.cpp reads real ones.
#include "sensor/ring_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "support/fake_ring.h"

namespace bongsu {
namespace {

using test::FakeRing;

// A reader to whom something happens right before it looks, once.
class Watched {
 public:
  explicit Watched(const RingMemory& memory) : reader_(memory) {}
  [[nodiscard]] RingHead peek() {
    if (const auto happening = std::exchange(before_peek_, nullptr)) {
      happening();
    }
    return reader_.peek();
  }
  [[nodiscard]] std::uint64_t time_ns() const { return reader_.time_ns(); }
  void pop() { reader_.pop(); }
  void release() { (void)reader_.release(); }
  void before_peek(std::function<void()> happening) { before_peek_ = std::move(happening); }

 private:
  RingReader reader_;
  std::function<void()> before_peek_;
};

class RingOrderTest : public testing::Test {
 protected:
  // The times in the order in which the records may be handed over now.
  [[nodiscard]] std::vector<std::uint64_t> now() {
    std::vector<std::uint64_t> times;
    while (Watched* next = earlier_of(first_, second_)) {
      times.push_back(next->time_ns());
      next->pop();
    }
    return times;
  }
  using Times = std::vector<std::uint64_t>;

  FakeRing first_ring_;
  FakeRing second_ring_;
  Watched first_{first_ring_.memory()};
  Watched second_{second_ring_.memory()};
};

TEST_F(RingOrderTest, NothingThereGivesNothing) { EXPECT_EQ(earlier_of(first_, second_), nullptr); }

TEST_F(RingOrderTest, EitherRingAlone) {
  ASSERT_TRUE(first_ring_.write(1));
  ASSERT_TRUE(first_ring_.write(2));
  EXPECT_EQ(now(), (Times{1, 2}));
  ASSERT_TRUE(second_ring_.write(3));
  ASSERT_TRUE(second_ring_.write(4));
  EXPECT_EQ(now(), (Times{3, 4}));
}

TEST_F(RingOrderTest, TheSmallerTimeFirst) {
  for (const std::uint64_t time_ns : {1U, 4U, 5U, 9U}) {
    ASSERT_TRUE(first_ring_.write(time_ns));
  }
  for (const std::uint64_t time_ns : {2U, 3U, 6U, 7U, 8U}) {
    ASSERT_TRUE(second_ring_.write(time_ns));
  }
  EXPECT_EQ(now(), (Times{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(RingOrderTest, AtTheSameTimeTheFirstRingGoesFirst) {
  ASSERT_TRUE(second_ring_.write(5));
  ASSERT_TRUE(first_ring_.write(5));
  EXPECT_EQ(earlier_of(first_, second_), &first_);
}

// Stamped earlier, reserved later: what a ring holds is not sorted, and is not sorted by reading.
TEST_F(RingOrderTest, WithinARingTheOrderIsThatOfReservation) {
  ASSERT_TRUE(first_ring_.write(3));
  ASSERT_TRUE(first_ring_.write(2));
  ASSERT_TRUE(second_ring_.write(4));
  EXPECT_EQ(now(), (Times{3, 2, 4}));
}

TEST_F(RingOrderTest, CauseInTheFirstRingAfterItWasLookedAt) {
  second_.before_peek([&] {
    EXPECT_TRUE(first_ring_.write(1));
    EXPECT_TRUE(second_ring_.write(2));
  });
  EXPECT_EQ(now(), (Times{1, 2}));
}

TEST_F(RingOrderTest, CauseInTheSecondRing) {
  first_.before_peek([&] {
    EXPECT_TRUE(second_ring_.write(1));
    EXPECT_TRUE(first_ring_.write(2));
  });
  EXPECT_EQ(now(), (Times{1, 2}));
}

// A cause behind a record that another writer is still at: the effect must wait for both.
TEST_F(RingOrderTest, CauseBehindABusyRecordOfTheFirstRing) {
  const unsigned long busy = first_ring_.reserve(1).value();
  ASSERT_TRUE(first_ring_.write(2));
  ASSERT_TRUE(second_ring_.write(3));
  EXPECT_EQ(now(), Times{});
  first_ring_.commit(busy);
  EXPECT_EQ(now(), (Times{1, 2, 3}));
}

TEST_F(RingOrderTest, CauseBehindABusyRecordOfTheSecondRing) {
  const unsigned long busy = second_ring_.reserve(1).value();
  ASSERT_TRUE(second_ring_.write(2));
  ASSERT_TRUE(first_ring_.write(3));
  EXPECT_EQ(now(), Times{});
  second_ring_.commit(busy);
  EXPECT_EQ(now(), (Times{1, 2, 3}));
}

TEST_F(RingOrderTest, CauseBehindABusyRecordThatCameAfterTheLook) {
  unsigned long busy = 0;
  second_.before_peek([&] {
    busy = first_ring_.reserve(1).value();
    EXPECT_TRUE(first_ring_.write(2));
    EXPECT_TRUE(second_ring_.write(3));
  });
  EXPECT_EQ(now(), Times{});
  first_ring_.commit(busy);
  EXPECT_EQ(now(), (Times{1, 2, 3}));
}

TEST_F(RingOrderTest, ADiscardedRecordHoldsNobodyBack) {
  first_ring_.discard(first_ring_.reserve(9).value());
  ASSERT_TRUE(second_ring_.write(3));
  EXPECT_EQ(now(), Times{3});
}

// Each record is caused by the one before it, whichever ring that is in and whichever thread wrote it.
TEST_F(RingOrderTest, AChainOfCausesWrittenMeanwhile) {
  constexpr std::uint64_t kRecords = 200'000;
  std::atomic<std::uint64_t> next_time{1};
  std::atomic<bool> stop{false};
  const auto write_every_other = [&](std::uint64_t parity) {
    for (std::uint64_t time_ns = parity; time_ns <= kRecords && !stop; time_ns += 2) {
      while (next_time != time_ns && !stop) {
        std::this_thread::yield();
      }
      FakeRing& ring = (time_ns * 2654435761U >> 7 & 1) != 0 ? first_ring_ : second_ring_;
      while (!ring.write(time_ns) && !stop) {
        std::this_thread::yield();
      }
      next_time = time_ns + 1;
    }
  };
  std::thread odd(write_every_other, 1);
  std::thread even(write_every_other, 2);

  std::uint64_t seen = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (seen < kRecords && std::chrono::steady_clock::now() < deadline) {
    Watched* next = earlier_of(first_, second_);
    if (next == nullptr) {
      first_.release();
      second_.release();
      std::this_thread::yield();
      continue;
    }
    if (next->time_ns() != seen + 1) {
      ADD_FAILURE() << next->time_ns() << " after " << seen;
      break;
    }
    next->pop();
    ++seen;
  }
  stop = true;
  odd.join();
  even.join();
  EXPECT_EQ(seen, kRecords);
}

}  // namespace
}  // namespace bongsu
