// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace bongsu {
namespace {

std::string timestamp(std::int64_t unix_ns) {
  std::string out;
  append_timestamp(out, unix_ns);
  return out;
}

TEST(Timestamp, KnownMoments) {
  EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(timestamp(1'795'246'460'123'456'789), "2026-11-21T07:34:20.123456789Z");
  EXPECT_EQ(timestamp(951'782'400'000'000'001), "2000-02-29T00:00:00.000000001Z");
  EXPECT_EQ(timestamp(4'107'542'399'999'999'999), "2100-02-28T23:59:59.999999999Z");  // no leap year: March follows
  EXPECT_EQ(timestamp(4'107'542'400'000'000'000), "2100-03-01T00:00:00.000000000Z");
}

TEST(Timestamp, BeforeTheEpochAndAtTheEnds) {
  EXPECT_EQ(timestamp(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(timestamp(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(timestamp(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
}

TEST(Timestamp, AgreesWithTheCLibrary) {
  std::mt19937_64 random(7);  // NOLINT: the same moments each time
  for (int round = 0; round < 2000; ++round) {
    const auto second = static_cast<std::int64_t>(random() % 9'000'000'000ULL);  // up to the year 2255
    const auto nanosecond = static_cast<std::int64_t>(random() % 1'000'000'000);
    const std::time_t time = second;
    std::tm fields{};
    ::gmtime_r(&time, &fields);
    char head[32];
    std::strftime(head, sizeof head, "%Y-%m-%dT%H:%M:%S", &fields);
    char tail[16];
    std::snprintf(tail, sizeof tail, ".%09lldZ", static_cast<long long>(nanosecond));
    ASSERT_EQ(timestamp(second * 1'000'000'000 + nanosecond), std::string(head) + tail);
  }
}

TEST(BaseName, LastComponent) {
  EXPECT_EQ(base_name("/usr/bin/env"), "env");
  EXPECT_EQ(base_name("env"), "env");
  EXPECT_EQ(base_name("/usr/bin/"), "");
  EXPECT_EQ(base_name("/"), "");
  EXPECT_EQ(base_name(""), "");
}

TEST(ParseDuration, UnitsOfTheContract) {
  const std::pair<std::string_view, std::int64_t> good[] = {
      {"90s", 90'000'000'000},
      {"5m", 300'000'000'000},
      {"200ms", 200'000'000},
      {"1h", 3'600'000'000'000},
      {"2d", 172'800'000'000'000},
      {"7us", 7'000},
      {"0s", 0},
      {"9223372036854775807ns", 9223372036854775807},
  };
  for (const auto& [text, expected] : good) {
    std::int64_t value = -1;
    EXPECT_TRUE(parse_duration_ns(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
}

TEST(ParseDuration, Refuses) {
  for (const std::string_view text : {"", "5", "s", "-5s", "+5s", " 5s", "5 s", "5s ", "1.5s", "5S", "5x", "1h30m",
                                      "0x5s", "9223372036854775808ns", "9223372037s", "106752d", "64KiB"}) {
    std::int64_t value = 0;
    EXPECT_FALSE(parse_duration_ns(text, value)) << text;
  }
}

TEST(ParseSize, UnitsOfTheContract) {
  const std::pair<std::string_view, std::int64_t> good[] = {
      {"64KiB", 65536}, {"1MiB", 1048576}, {"1GiB", 1073741824}, {"10kB", 10000}, {"3MB", 3000000},
      {"17B", 17},      {"0B", 0},
  };
  for (const auto& [text, expected] : good) {
    std::int64_t value = -1;
    EXPECT_TRUE(parse_size_bytes(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
}

TEST(ParseSize, Refuses) {
  for (const std::string_view text : {"", "64", "KiB", "64 KiB", "64kib", "64K", "-1B", "8388608TiB", "90s"}) {
    std::int64_t value = 0;
    EXPECT_FALSE(parse_size_bytes(text, value)) << text;
  }
}

TEST(Nearest, CommonSlips) {
  const std::vector<std::string_view> fields = {
      "process.name", "process.parent.name", "process.pid", "container.id", "process.executable", "event.action", "in"};
  EXPECT_EQ(nearest("process.nmae", fields), "process.name");  // two letters swapped
  EXPECT_EQ(nearest("proces.name", fields), "process.name");   // one missing
  EXPECT_EQ(nearest("process.parrent.name", fields), "process.parent.name");
  EXPECT_EQ(nearest("contaner.id", fields), "container.id");
  EXPECT_EQ(nearest("Process.Name", fields), "process.name");  // case alone
  EXPECT_EQ(nearest("IN", fields), "in");
  EXPECT_EQ(nearest("process.name", fields), "process.name");
}

TEST(Nearest, ASwapIsOneStep) {
  const std::vector<std::string_view> names = {"exec", "fork", "exit"};
  EXPECT_EQ(nearest("fokr", names), "fork");  // four letters allow one step
  EXPECT_EQ(nearest("xeec", names), "exec");
}

TEST(Nearest, NothingWhenNothingIsNear) {
  const std::vector<std::string_view> names = {"exec", "fork", "exit"};
  EXPECT_EQ(nearest("connect", names), "");
  EXPECT_EQ(nearest("xx", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest("exec", {}), "");
  EXPECT_EQ(nearest(std::string(100000, 'e'), names), "");
  const std::vector<std::string_view> at_the_border = {"abcxyz"};
  EXPECT_EQ(nearest("abcdyz", at_the_border), "abcxyz");  // 1 of 6
  EXPECT_EQ(nearest("abcdez", at_the_border), "abcxyz");  // 2 of 6
  EXPECT_EQ(nearest("abcdef", at_the_border), "");        // 3 of 6
}

TEST(Nearest, TiesGoToTheFirst) {
  EXPECT_EQ(nearest("exe", std::vector<std::string_view>{"exec", "exes"}), "exec");
  EXPECT_EQ(nearest("exe", std::vector<std::string_view>{"exes", "exec"}), "exes");
}

}  // namespace
}  // namespace bongsu
