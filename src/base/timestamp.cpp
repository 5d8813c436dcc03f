// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>

#include "base/strings.h"

namespace bongsu {
namespace {

void put_digits(char* last, std::uint64_t value, int digits) {
  for (; digits > 0; --digits) {
    *last-- = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

void append_timestamp(std::string& out, std::int64_t unix_ns) {
  // Every int64 of nanoseconds lies in the years 1677 to 2262: four digits.
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  std::int64_t day = unix_ns / kDayNs;
  std::int64_t in_day = unix_ns % kDayNs;
  if (in_day < 0) {
    in_day += kDayNs;
    --day;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  const auto rest = static_cast<std::uint64_t>(in_day);
  const std::uint64_t second = rest / 1'000'000'000;

  std::array<char, 30> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0', '0', ':', '0',
                            '0', ':', '0', '0', '.', '0', '0', '0', '0', '0', '0', '0', '0', '0', 'Z'};
  put_digits(&text[3], static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  put_digits(&text[6], static_cast<unsigned>(date.month()), 2);
  put_digits(&text[9], static_cast<unsigned>(date.day()), 2);
  put_digits(&text[12], second / 3600, 2);
  put_digits(&text[15], second / 60 % 60, 2);
  put_digits(&text[18], second % 60, 2);
  put_digits(&text[28], rest % 1'000'000'000, 9);
  out.append(text.data(), text.size());
}

}  // namespace bongsu
