// SPDX-License-Identifier: Apache-2.0
#include "events/record.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bongsu {
namespace {

using std::string_literals::operator""s;

// Bytes in a heap block of their exact size, so that the address sanitizer sees a read beyond them.
class Bytes {
 public:
  explicit Bytes(const std::vector<std::byte>& from) : data_(new std::byte[from.size()]), size_(from.size()) {
    std::copy(from.begin(), from.end(), data_.get());
  }
  [[nodiscard]] std::span<const std::byte> span() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_;
};

// A record as a probe would build it: a struct, then its tail.
template <typename Wire>
class Builder {
 public:
  explicit Builder(EventType type) {
    wire.header.type = static_cast<__u16>(type);
    wire.header.time_ns = 1000;
    wire.header.task.pid = 42;
  }

  bongsu_str tail(std::string_view text) {
    const bongsu_str reference{static_cast<__u16>(sizeof(Wire) + tail_.size()), static_cast<__u16>(text.size())};
    tail_ += text;
    return reference;
  }

  std::vector<std::byte> bytes() {
    wire.header.size = static_cast<__u32>(sizeof(Wire) + tail_.size());
    std::vector<std::byte> result(wire.header.size);
    std::memcpy(result.data(), &wire, sizeof wire);
    std::memcpy(result.data() + sizeof wire, tail_.data(), tail_.size());
    return result;
  }

  Wire wire{};

 private:
  std::string tail_;
};

Builder<bongsu_exec> exec_builder() {
  Builder<bongsu_exec> builder(EventType::exec);
  builder.wire.args_count = 3;
  builder.wire.header.task.working_directory = builder.tail("/srv");
  builder.wire.executable = builder.tail("/usr/bin/dash");
  builder.wire.requested = builder.tail("/bin/sh");
  builder.wire.args = builder.tail("sh\0-c\0id\0"s);
  return builder;
}

std::vector<std::string> items(const Value& value) {
  std::vector<std::string> result;
  value.list().any([&](std::string_view item) {
    result.emplace_back(item);
    return false;
  });
  return result;
}

TEST(Record, ExecIsRead) {
  const Bytes bytes(exec_builder().bytes());
  const auto record = Record::decode(bytes.span());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->type(), EventType::exec);
  EXPECT_EQ(record->task().pid, 42u);
  EXPECT_FALSE(record->snapshot());
  EXPECT_EQ(record->string(record->task().working_directory), "/srv");
  EXPECT_EQ(record->string(record->as<bongsu_exec>().requested), "/bin/sh");
  EXPECT_EQ(record->value(FieldId::process_executable).string(), "/usr/bin/dash");
  EXPECT_EQ(record->value(FieldId::process_args_count).integer(), 3);
  const Value args = record->value(FieldId::process_args);
  ASSERT_EQ(args.kind(), Value::Kind::string_list);
  EXPECT_THAT(items(args), testing::ElementsAre("sh", "-c", "id"));
  EXPECT_FALSE(record->value(FieldId::process_pid).has_value());  // not a row of the event: others know it
  EXPECT_FALSE(record->value(FieldId::process_exit_code).has_value());
}

TEST(Record, ExitIsRead) {
  Builder<bongsu_exit> builder(EventType::exit);
  builder.wire.duration_ns = 5'000'000'000;
  builder.wire.exit_code = -3;
  builder.wire.signal = 9;
  const Bytes bytes(builder.bytes());
  const auto record = Record::decode(bytes.span());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->value(FieldId::event_duration).integer(), 5'000'000'000);
  EXPECT_EQ(record->value(FieldId::process_exit_code).integer(), -3);
  EXPECT_EQ(record->value(FieldId::process_exit_signal).string(), "SIGKILL");

  for (const __u32 no_signal : {0u, 65u, 0xFFFFFFFFu}) {
    builder.wire.signal = no_signal;
    const Bytes again(builder.bytes());
    EXPECT_FALSE(Record::decode(again.span())->value(FieldId::process_exit_signal).has_value()) << no_signal;
  }
}

TEST(Record, EmptyStringsHaveNoValue) {
  Builder<bongsu_exec> builder(EventType::exec);
  builder.wire.executable = {0xFFFF, 0};  // where nothing is does not matter
  builder.wire.header.task.working_directory = {7, 0};
  const Bytes bytes(builder.bytes());
  const auto record = Record::decode(bytes.span());
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->value(FieldId::process_executable).has_value());
  EXPECT_FALSE(record->value(FieldId::process_args).has_value());
  EXPECT_EQ(record->string(record->as<bongsu_exec>().executable), "");
}

TEST(Record, SnapshotFlag) {
  auto builder = exec_builder();
  builder.wire.header.flags = BONGSU_SNAPSHOT;
  const Bytes bytes(builder.bytes());
  EXPECT_TRUE(Record::decode(bytes.span())->snapshot());
}

TEST(Record, EveryEventOfTheKernelDecodesAtItsSizeAndNotBelow) {
  for (const EventInfo& event : events().subspan(1)) {
    std::vector<std::byte> raw(wire_size(event.type));
    bongsu_header header{};
    header.type = static_cast<__u16>(event.type);
    header.size = static_cast<__u32>(raw.size());
    std::memcpy(raw.data(), &header, sizeof header);
    EXPECT_EQ(Record::decode(Bytes(raw).span()).has_value(), event.ring != Ring::none) << event.name;

    raw.pop_back();
    header.size = static_cast<__u32>(raw.size());
    std::memcpy(raw.data(), &header, std::min(raw.size(), sizeof header));
    EXPECT_FALSE(Record::decode(Bytes(raw).span())) << event.name;
  }
}

TEST(Record, RefusesWhatIsNoRecord) {
  EXPECT_FALSE(Record::decode({}));
  const auto good = exec_builder().bytes();
  ASSERT_TRUE(Record::decode(Bytes(good).span()));
  for (std::size_t size = 0; size < good.size(); ++size) {  // cut off
    EXPECT_FALSE(Record::decode(Bytes({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}).span()))
        << size;
  }

  const auto with = [](auto change) {
    auto builder = exec_builder();
    change(builder);
    return Record::decode(Bytes(builder.bytes()).span()).has_value();
  };
  using Exec = Builder<bongsu_exec>;
  EXPECT_TRUE(with([](Exec&) {}));
  EXPECT_FALSE(with([](Exec& b) { b.wire.header.type = BONGSU_EVENT_NONE; }));
  EXPECT_FALSE(with([](Exec& b) { b.wire.header.type = BONGSU_EVENT_COUNT; }));
  EXPECT_FALSE(with([](Exec& b) { b.wire.header.type = 0xFFFF; }));
  EXPECT_FALSE(with([](Exec& b) { b.wire.header.type = BONGSU_EVENT_drop; }));           // no kernel makes it
  EXPECT_FALSE(with([](Exec& b) { b.wire.args.len += 1; }));                             // one past the end
  EXPECT_FALSE(with([](Exec& b) { b.wire.executable.off = sizeof(bongsu_exec) - 1; }));  // into the fixed part
  EXPECT_FALSE(with([](Exec& b) { b.wire.executable.off = 0; }));
  EXPECT_FALSE(with([](Exec& b) { b.wire.executable = {0xFFFF, 0xFFFF}; }));
  EXPECT_FALSE(with([](Exec& b) { b.wire.header.task.working_directory.off = 8; }));
  EXPECT_FALSE(with([](Exec& b) { b.wire.header.task.working_directory.len = 0xFFFF; }));
}

TEST(Record, SizeMustBeThatOfTheBytes) {
  auto good = exec_builder().bytes();
  const std::size_t size = good.size();
  for (std::size_t extra = 1; extra < 8; ++extra) {  // what the perf buffer rounds up to is left out
    good.resize(size + extra);
    const Bytes bytes(good);
    const auto record = Record::decode(bytes.span());
    ASSERT_TRUE(record) << extra;
    EXPECT_EQ(record->bytes().size(), size);
  }
  good.resize(size + 8);
  EXPECT_FALSE(Record::decode(Bytes(good).span()));

  Builder<bongsu_exec> large(EventType::exec);
  large.tail(std::string(BONGSU_RECORD_BYTES - sizeof(bongsu_exec), 'x'));
  EXPECT_TRUE(Record::decode(Bytes(large.bytes()).span()));
  large.tail("x");
  EXPECT_FALSE(Record::decode(Bytes(large.bytes()).span()));
}

TEST(Record, MisalignedBytesAreRefused) {
  const auto good = exec_builder().bytes();
  std::vector<std::byte> shifted(good.size() + 8);
  for (const std::size_t by : {1u, 2u, 4u}) {
    std::memcpy(shifted.data() + by, good.data(), good.size());
    EXPECT_FALSE(Record::decode(std::span(shifted).subspan(by, good.size()))) << by;
  }
  std::memcpy(shifted.data() + 8, good.data(), good.size());
  EXPECT_TRUE(Record::decode(std::span(shifted).subspan(8, good.size())));
}

// Reads all that can be asked of a record; the sanitizers watch. Returns a sum so that nothing is optimised away.
std::size_t read_all(const Record& record) {
  std::size_t sum = record.string(record.task().working_directory).size();
  for (const FieldInfo& field : fields()) {
    const Value value = record.value(field.id);
    for (const char c : value.string()) {
      sum += static_cast<unsigned char>(c);
    }
    value.list().any([&](std::string_view item) {
      for (const char c : item) {
        sum += static_cast<unsigned char>(c);
      }
      return false;
    });
    sum += static_cast<std::size_t>(value.integer());
  }
  return sum;
}

TEST(Record, RandomMutationsAreReadOrRefused) {
  std::mt19937 random(11);  // NOLINT: the same mutations each time
  const auto good = exec_builder().bytes();
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::size_t sum = 0;
  for (int round = 0; round < 60000; ++round) {
    auto raw = good;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      // Half of the changes where they matter most: the header's first bytes and the event's own part.
      std::size_t at = random() % raw.size();
      if (random() % 2 == 0) {
        at = random() % 4 == 0 ? random() % 8
                               : sizeof(bongsu_header) + random() % (sizeof(bongsu_exec) - sizeof(bongsu_header));
      }
      raw[at] = static_cast<std::byte>(random() % 3 == 0 ? random() % 4 : random());
    }
    if (random() % 8 == 0) {
      raw.resize(random() % (good.size() + 16));
    }
    const Bytes bytes(raw);
    if (const auto record = Record::decode(bytes.span())) {
      ++accepted;
      sum += read_all(*record);
      ASSERT_LE(record->bytes().size(), raw.size());
    } else {
      ++refused;
    }
  }
  EXPECT_GT(accepted, 5000u);
  EXPECT_GT(refused, 5000u);
  EXPECT_NE(sum, 0u);
}

TEST(Record, RandomBytesOfEveryTypeAreReadOrRefused) {
  std::mt19937 random(12);  // NOLINT: the same bytes each time
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> raw(random() % 512);
    for (std::byte& b : raw) {
      b = static_cast<std::byte>(random() % 4 == 0 ? random() : 0);
    }
    if (raw.size() >= sizeof(bongsu_header)) {
      bongsu_header header{};
      std::memcpy(&header, raw.data(), sizeof header);
      header.size = static_cast<__u32>(raw.size());
      header.type = static_cast<__u16>(random() % (kEventCount + 1));
      std::memcpy(raw.data(), &header, sizeof header);
    }
    const Bytes bytes(raw);
    if (const auto record = Record::decode(bytes.span())) {
      (void)read_all(*record);
    }
  }
}

TEST(NulSeparated, Items) {
  const auto split = [](std::string_view blob) { return items(Value::of(nul_separated(blob))); };
  EXPECT_THAT(split("a\0b\0"s), testing::ElementsAre("a", "b"));
  EXPECT_THAT(split("a\0b"s), testing::ElementsAre("a", "b"));
  EXPECT_THAT(split("a\0\0"s), testing::ElementsAre("a", ""));
  EXPECT_THAT(split("\0a\0"s), testing::ElementsAre("", "a"));
  EXPECT_THAT(split("\0"s), testing::ElementsAre(""));
  EXPECT_THAT(split("a"), testing::ElementsAre("a"));
  EXPECT_THAT(split(""), testing::IsEmpty());
}

TEST(NulSeparated, AnyStopsAtTheFirst) {
  int seen = 0;
  const std::string blob = "a\0b\0c\0"s;
  EXPECT_TRUE(nul_separated(blob).any([&](std::string_view item) {
    ++seen;
    return item == "b";
  }));
  EXPECT_EQ(seen, 2);
  EXPECT_FALSE(nul_separated(blob).any([](std::string_view item) { return item == "d"; }));
}

TEST(SignalName, AgreesWithTheHost) {
  EXPECT_EQ(signal_name(SIGHUP), "SIGHUP");
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(SIGBUS), "SIGBUS");
  EXPECT_EQ(signal_name(SIGUSR1), "SIGUSR1");
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(SIGCHLD), "SIGCHLD");
  EXPECT_EQ(signal_name(SIGTSTP), "SIGTSTP");
  EXPECT_EQ(signal_name(SIGXFSZ), "SIGXFSZ");
  EXPECT_EQ(signal_name(SIGSYS), "SIGSYS");
  for (int number = 1; number < 32; ++number) {
    if (const char* abbreviation = ::sigabbrev_np(number); abbreviation != nullptr) {
      const std::string name = "SIG"s + abbreviation;
      EXPECT_EQ(signal_name(number), name == "SIGPOLL" ? "SIGIO" : name);  // one signal, two names
    }
  }
  EXPECT_EQ(signal_name(37), "SIG37");
  EXPECT_EQ(signal_name(64), "SIG64");
  EXPECT_EQ(signal_name(0), "");
  EXPECT_EQ(signal_name(-1), "");
  EXPECT_EQ(signal_name(65), "");
}

}  // namespace
}  // namespace bongsu
