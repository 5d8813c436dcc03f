// SPDX-License-Identifier: Apache-2.0
#include "control/process_metrics.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

namespace bongsu {
namespace {

namespace fs = std::filesystem;
using Type = MetricFamily::Type;

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Stat {
  std::uint64_t cpu_ticks = 0;
  std::uint64_t start_ticks = 0;  // since boot
  std::uint64_t resident_pages = 0;
};

// proc_pid_stat(5). The second field is a name in parentheses that may hold anything, parentheses too; those looked for
// are told apart by their place, counted from 1.
std::optional<Stat> parse_stat(const std::string& text) {
  constexpr std::size_t kFirst = 3;
  constexpr std::size_t kUtime = 14;
  constexpr std::size_t kStime = 15;
  constexpr std::size_t kStart = 22;
  constexpr std::size_t kResident = 24;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream words(text.substr(name_end + 1));
  std::string state;
  words >> state;
  std::array<std::int64_t, kResident + 1> fields{};  // some may be negative
  for (std::size_t i = kFirst + 1; i <= kResident; ++i) {
    words >> fields.at(i);
  }
  if (!words) {
    return std::nullopt;
  }
  return Stat{.cpu_ticks = static_cast<std::uint64_t>(fields[kUtime] + fields[kStime]),
              .start_ticks = static_cast<std::uint64_t>(fields[kStart]),
              .resident_pages = static_cast<std::uint64_t>(fields[kResident])};
}

// When the machine came up, since the Unix epoch: "btime 1763750000" of proc_stat(5).
std::optional<double> boot_seconds(const fs::path& proc) {
  std::ifstream file(proc / "stat");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    double seconds = 0;
    if (words >> name >> seconds && name == "btime") {
      return seconds;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> open_descriptors(const fs::path& proc) {
  std::error_code error;
  const fs::directory_iterator folder(proc / "self/fd", error);
  if (error) {
    return std::nullopt;
  }
  std::uint64_t count = 0;
  for (fs::directory_iterator at = folder; !error && at != fs::directory_iterator(); at.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

std::vector<MetricFamily> process_metrics(const fs::path& proc) {
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  MetricFamily cpu{"process_cpu_seconds_total", "CPU time of the monitor, user and system.", Type::counter, {}};
  MetricFamily memory{"process_resident_memory_bytes", "Memory of the monitor that is in RAM.", Type::gauge, {}};
  MetricFamily descriptors{"process_open_fds", "Open descriptors of the monitor.", Type::gauge, {}};
  MetricFamily start{
      "process_start_time_seconds", "When the monitor was started, since the Unix epoch.", Type::gauge, {}};
  if (const auto stat = parse_stat(read_text(proc / "self/stat"))) {
    cpu.add(static_cast<double>(stat->cpu_ticks) / ticks_per_second);
    memory.add(stat->resident_pages * page_bytes);
    if (const auto boot = boot_seconds(proc)) {
      start.add(*boot + static_cast<double>(stat->start_ticks) / ticks_per_second);
    }
  }
  if (const auto open = open_descriptors(proc)) {
    descriptors.add(*open);
  }
  std::vector<MetricFamily> families;
  families.reserve(4);
  for (MetricFamily* family : {&cpu, &memory, &descriptors, &start}) {
    families.push_back(std::move(*family));
  }
  return families;
}

}  // namespace bongsu
