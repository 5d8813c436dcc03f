// SPDX-License-Identifier: Apache-2.0
//
// Two real perf buffers a CPU, written by the kernel.
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/sysinfo.h>

#include <cstring>
#include <vector>

#include "sensor/transport.h"
#include "support/kernel/record_writer.h"

namespace bongsu::test {
namespace {

class PerfTransportTest : public testing::Test {
 protected:
  void SetUp() override {
    lifecycle_ = make_map(BPF_MAP_TYPE_PERF_EVENT_ARRAY, cpus());
    bulk_ = make_map(BPF_MAP_TYPE_PERF_EVENT_ARRAY, cpus());
  }
  void open(int bulk, std::uint64_t bytes) {
    auto transport =
        make_perf_transport({.lifecycle = lifecycle_.get(), .bulk = bulk}, {.lifecycle = bytes, .bulk = bytes}, clock_);
    ASSERT_TRUE(transport.has_value()) << transport.error().to_string();
    transport_ = std::move(*transport);
  }
  std::vector<std::uint64_t> drain() {
    std::vector<std::uint64_t> times;
    transport_->drain([&](std::span<const std::byte> bytes) {
      bongsu_header header{};
      ASSERT_EQ(bytes.size(), sizeof(header));
      std::memcpy(&header, bytes.data(), sizeof(header));
      times.push_back(header.time_ns);
    });
    return times;
  }
  // Until the buffer of that CPU is full and has refused `refused` records.
  static void overfill(const RecordWriter& writer, int cpu, int refused) {
    while (writer.write(1, cpu)) {
    }
    for (int i = 1; i < refused; ++i) {
      ASSERT_FALSE(writer.write(1, cpu));
    }
  }
  static std::uint32_t cpus() { return static_cast<std::uint32_t>(::get_nprocs_conf()); }
  static int last_cpu() { return ::get_nprocs() - 1; }

  SystemClock clock_;
  UniqueFd lifecycle_;
  UniqueFd bulk_;
  std::unique_ptr<Transport> transport_;
};

TEST_F(PerfTransportTest, HandsOverBothBuffersOfEveryCpuInOneOrder) {
  open(bulk_.get(), 1 << 20);
  const RecordWriter lifecycle(lifecycle_, RecordWriter::Way::perf);
  const RecordWriter bulk(bulk_, RecordWriter::Way::perf);
  ASSERT_TRUE(bulk.write(2, 0));
  ASSERT_TRUE(lifecycle.write(4, 0));
  ASSERT_TRUE(lifecycle.write(1, last_cpu()));
  ASSERT_TRUE(bulk.write(3, last_cpu()));
  EXPECT_EQ(drain(), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_TRUE(transport_->lost_per_cpu().empty());
}

TEST_F(PerfTransportTest, EitherBufferWakes) {
  open(bulk_.get(), 1 << 20);
  for (const UniqueFd* map : {&lifecycle_, &bulk_}) {
    const RecordWriter writer(*map, RecordWriter::Way::perf);
    pollfd ready{transport_->fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&ready, 1, 0), 0);
    ASSERT_TRUE(writer.write(1));
    EXPECT_EQ(::poll(&ready, 1, 20'000), 1);
    EXPECT_EQ(drain().size(), 1U);
  }
}

TEST_F(PerfTransportTest, BulkMayBeMissing) {
  open(-1, 1 << 20);
  ASSERT_TRUE(RecordWriter(lifecycle_, RecordWriter::Way::perf).write(7));
  EXPECT_EQ(drain(), std::vector<std::uint64_t>{7});
}

TEST_F(PerfTransportTest, LossesAreToldByCpuOverBothBuffers) {
  open(bulk_.get(), 1);  // one page a CPU
  const RecordWriter lifecycle(lifecycle_, RecordWriter::Way::perf);
  const RecordWriter bulk(bulk_, RecordWriter::Way::perf);
  overfill(lifecycle, last_cpu(), 3);
  overfill(bulk, last_cpu(), 5);
  EXPECT_TRUE(transport_->lost_per_cpu().empty()) << "the kernel tells with the next record that has room";
  EXPECT_FALSE(drain().empty());
  ASSERT_TRUE(lifecycle.write(2, last_cpu()));
  ASSERT_TRUE(bulk.write(3, last_cpu()));
  EXPECT_EQ(drain(), (std::vector<std::uint64_t>{2, 3}));
  const std::vector<CpuLoss> losses = transport_->lost_per_cpu();
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].cpu, last_cpu());
  EXPECT_EQ(losses[0].count, 8U);
}

}  // namespace
}  // namespace bongsu::test
