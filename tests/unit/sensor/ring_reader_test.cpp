// SPDX-License-Identifier: Apache-2.0
//
// On a fake of the kernel's ring; tests/kernel/ring_transport_test.cpp reads real ones.
#include "sensor/ring_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/fake_ring.h"

namespace bongsu {
namespace {

using test::FakeRing;

TEST(RingReaderTest, AnEmptyRingHasNone) {
  FakeRing ring;
  RingReader reader(ring.memory());
  EXPECT_EQ(reader.peek(), RingHead::none);
  EXPECT_FALSE(reader.release());
}

TEST(RingReaderTest, GivesTheOldestRecordUntilItIsPopped) {
  FakeRing ring;
  RingReader reader(ring.memory());
  ASSERT_TRUE(ring.write(7, 40));
  ASSERT_TRUE(ring.write(8, 24));
  for (int look = 0; look < 2; ++look) {
    ASSERT_EQ(reader.peek(), RingHead::ready);
    EXPECT_EQ(reader.record().size(), 40U);
    EXPECT_EQ(reader.time_ns(), 7U);
  }
  reader.pop();
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_EQ(reader.record().size(), 24U);
  EXPECT_EQ(reader.time_ns(), 8U);
  reader.pop();
  EXPECT_EQ(reader.peek(), RingHead::none);
}

TEST(RingReaderTest, ABusyRecordHoldsBackThoseBehindIt) {
  FakeRing ring;
  RingReader reader(ring.memory());
  const unsigned long busy = ring.reserve(1).value();
  ASSERT_TRUE(ring.write(2));
  EXPECT_EQ(reader.peek(), RingHead::busy);
  EXPECT_EQ(reader.peek(), RingHead::busy);
  ring.commit(busy);
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_EQ(reader.time_ns(), 1U);
  reader.pop();
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_EQ(reader.time_ns(), 2U);
}

TEST(RingReaderTest, StepsOverDiscardedRecords) {
  FakeRing ring;
  RingReader reader(ring.memory());
  ring.discard(ring.reserve(1, 33).value());
  ring.discard(ring.reserve(2).value());
  ASSERT_TRUE(ring.write(3));
  ring.discard(ring.reserve(4).value());
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_EQ(reader.time_ns(), 3U);
  reader.pop();
  EXPECT_EQ(reader.peek(), RingHead::none);
  EXPECT_TRUE(reader.release());
  EXPECT_EQ(ring.consumed(), ring.produced());
}

TEST(RingReaderTest, TellsTheRoomThatTheKernelHasNotGotBack) {
  FakeRing ring;
  RingReader reader(ring.memory());
  EXPECT_EQ(reader.used_bytes(), 0U);
  ASSERT_TRUE(ring.write(1, 40));
  ASSERT_TRUE(ring.write(2, 40));
  EXPECT_EQ(reader.used_bytes(), ring.produced());
  ASSERT_EQ(reader.peek(), RingHead::ready);
  reader.pop();
  reader.release();
  EXPECT_EQ(reader.used_bytes(), ring.produced() / 2);
  EXPECT_EQ(reader.bytes(), ring.memory().bytes);
}

// Waiting for the ring is safe only if the kernel knows that the discarded record is behind the reader.
TEST(RingReaderTest, ADiscardedRecordCountsAsMoving) {
  FakeRing ring;
  RingReader reader(ring.memory());
  ring.discard(ring.reserve(1).value());
  EXPECT_EQ(reader.peek(), RingHead::none);
  EXPECT_TRUE(reader.release());
  const unsigned long next = ring.reserve(2).value();
  EXPECT_TRUE(ring.commit(next)) << "the kernel would not wake the reader";
}

TEST(RingReaderTest, RecordsOfAnyLengthFollowEachOther) {
  FakeRing ring;
  RingReader reader(ring.memory());
  for (std::size_t size = FakeRing::kSmallest; size < FakeRing::kSmallest + 20; ++size) {
    ASSERT_TRUE(ring.write(size, size));
  }
  for (std::size_t size = FakeRing::kSmallest; size < FakeRing::kSmallest + 20; ++size) {
    ASSERT_EQ(reader.peek(), RingHead::ready);
    EXPECT_EQ(reader.record().size(), size);
    EXPECT_EQ(reader.time_ns(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(reader.record().data()) % 8, 0U);
    reader.pop();
  }
  EXPECT_EQ(reader.peek(), RingHead::none);
}

// Its time cannot be told: it must not wait behind others for ever, nor be read beyond its end.
TEST(RingReaderTest, ARecordTooShortForATimeIsAtTimeZero) {
  FakeRing ring;
  RingReader reader(ring.memory());
  const unsigned long position = ring.reserve(99).value();
  std::atomic_ref(*reinterpret_cast<std::uint32_t*>(ring.payload_at(position) - BPF_RINGBUF_HDR_SZ))
      .store(FakeRing::kSmallest - 1);
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_EQ(reader.record().size(), FakeRing::kSmallest - 1);
  EXPECT_EQ(reader.time_ns(), 0U);
}

TEST(RingReaderTest, ARecordAcrossTheEndIsInOnePiece) {
  FakeRing ring;
  RingReader reader(ring.memory());
  constexpr std::size_t kSize = 1000;
  int across = 0;
  for (std::uint64_t round = 0; round < 100; ++round) {
    const unsigned long position = ring.reserve(round, kSize).value();
    const auto filling = static_cast<std::byte>(round + 1);
    std::fill_n(ring.payload_at(position) + FakeRing::kSmallest, kSize - FakeRing::kSmallest, filling);
    ring.commit(position);
    across += position % FakeRing::kPageBytes + kSize > FakeRing::kPageBytes ? 1 : 0;

    ASSERT_EQ(reader.peek(), RingHead::ready);
    ASSERT_EQ(reader.record().size(), kSize);
    EXPECT_EQ(reader.time_ns(), round);
    const auto rest = reader.record().subspan(FakeRing::kSmallest);
    EXPECT_TRUE(std::all_of(rest.begin(), rest.end(), [&](std::byte byte) { return byte == filling; }));
    reader.pop();
  }
  EXPECT_GT(across, 10);
}

TEST(RingReaderTest, PositionsMayOverflow) {
  constexpr unsigned long kStart = 0UL - FakeRing::kPageBytes / 2;
  FakeRing ring(FakeRing::kPageBytes, kStart);
  RingReader reader(ring.memory());
  for (std::uint64_t time_ns = 0; time_ns < 200; ++time_ns) {
    ASSERT_TRUE(ring.write(time_ns, 50));
    ASSERT_EQ(reader.peek(), RingHead::ready);
    EXPECT_EQ(reader.time_ns(), time_ns);
    reader.pop();
  }
  EXPECT_LT(ring.produced(), kStart);
  EXPECT_EQ(reader.peek(), RingHead::none);
}

TEST(RingReaderTest, BeginsWhereTheRingWasReadTo) {
  FakeRing ring;
  ASSERT_TRUE(ring.write(1));
  ASSERT_TRUE(ring.write(2));
  {
    RingReader before(ring.memory());
    ASSERT_EQ(before.peek(), RingHead::ready);
    before.pop();
    before.release();
  }
  RingReader reader(ring.memory());
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_EQ(reader.time_ns(), 2U);
}

TEST(RingReaderTest, ReleaseGivesAllRoomBackAndTellsWhetherItMoved) {
  FakeRing ring;
  RingReader reader(ring.memory());
  ASSERT_TRUE(ring.write(1));
  ASSERT_TRUE(ring.write(2));
  ASSERT_EQ(reader.peek(), RingHead::ready);
  EXPECT_FALSE(reader.release()) << "looking is not moving";
  reader.pop();
  EXPECT_EQ(ring.consumed(), 0U) << "room is given back a sixteenth at a time";
  EXPECT_TRUE(reader.release());
  EXPECT_EQ(ring.consumed(), ring.produced() / 2);
  EXPECT_FALSE(reader.release());
}

// Most of the room was given back on the way, the reader moved all the same: it must look again before it waits.
TEST(RingReaderTest, ReleaseTellsOfMovesWhoseRoomIsBackAlready) {
  FakeRing ring;
  RingReader reader(ring.memory());
  ASSERT_TRUE(ring.write(1, 2000));
  const unsigned long newest = ring.produced();
  ASSERT_TRUE(ring.write(2));
  for (int record = 0; record < 2; ++record) {
    ASSERT_EQ(reader.peek(), RingHead::ready);
    reader.pop();
  }
  EXPECT_EQ(ring.consumed(), newest);
  EXPECT_TRUE(reader.release());
  EXPECT_EQ(ring.consumed(), ring.produced());
  EXPECT_FALSE(reader.release());
}

// Not while the newest record that was read is kept back, several times round the ring; the first after release() does.
TEST(RingReaderTest, NoRecordWakesUntilAllRoomIsGivenBack) {
  FakeRing ring;
  RingReader reader(ring.memory());
  EXPECT_TRUE(ring.commit(ring.reserve(0).value())) << "who has read nothing yet waits";
  for (std::uint64_t time_ns = 1; time_ns < 1'000; ++time_ns) {
    const unsigned long next = ring.reserve(time_ns).value();
    ASSERT_EQ(reader.peek(), RingHead::ready);
    reader.pop();
    reader.give_back_read();
    EXPECT_FALSE(ring.commit(next));
  }
  ASSERT_EQ(reader.peek(), RingHead::ready);
  reader.pop();
  EXPECT_TRUE(reader.release());
  EXPECT_TRUE(ring.commit(ring.reserve(1'000).value()));
  EXPECT_EQ(reader.peek(), RingHead::ready);
}

// Only a part can be seen at a time, with room for the largest record beyond it.
TEST(RingReaderTest, ReadsThroughAWindow) {
  constexpr std::size_t kStep = 1024;
  class Window final : public RingWindow {
   public:
    explicit Window(std::byte* data) : data_(data) {}
    [[nodiscard]] Part show(std::size_t place) override {
      ++shown;
      if (shown % 5 == 0) {
        return {};  // cannot be had this time
      }
      const std::size_t begin = place & ~(kStep - 1);
      return {data_ + begin, begin, kStep};
    }
    int shown = 0;

   private:
    std::byte* data_;
  };
  FakeRing ring;
  RingMemory memory = ring.memory();
  Window window(memory.data);
  memory.data = nullptr;
  memory.window = &window;
  RingReader reader(memory);
  for (std::uint64_t time_ns = 0; time_ns < 500; ++time_ns) {
    ASSERT_TRUE(ring.write(time_ns, FakeRing::kSmallest + time_ns % 90));
    if (reader.peek() == RingHead::busy) {
      EXPECT_EQ(window.shown % 5, 0);
    }
    ASSERT_EQ(reader.peek(), RingHead::ready);
    EXPECT_EQ(reader.time_ns(), time_ns);
    reader.pop();
  }
  EXPECT_GT(window.shown, 20);
}

TEST(RingReaderTest, AWriterGetsRoomWhileReadingGoesOn) {
  FakeRing ring;
  RingReader reader(ring.memory());
  std::uint64_t written = 0;
  while (ring.write(written)) {
    ++written;
  }
  const std::uint64_t full = written;
  std::uint64_t read = 0;
  for (; reader.peek() == RingHead::ready; ++read) {
    EXPECT_EQ(reader.time_ns(), read);
    reader.pop();
    if (read < 10 * full && ring.write(written)) {
      ++written;
    }
  }
  EXPECT_EQ(read, written);
  EXPECT_GT(read, 10 * full);
}

}  // namespace
}  // namespace bongsu
