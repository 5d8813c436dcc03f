// SPDX-License-Identifier: Apache-2.0
#include "cli/trace_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "base/strings.h"
#include "cli/text_table.h"

namespace bongsu {
namespace {

std::string_view comm_of(const bongsu_total& sum) {
  const std::string_view text(sum.comm, BONGSU_COMM_BYTES);
  return text.substr(0, text.find('\0'));
}

void append_json(std::string& out, const Sensor::Total& total) {
  fmt::format_to(std::back_inserter(out), R"({{"event":{{"action":"{}"}},"process":{{"pid":{},"thread":{{"name":)",
                 info(static_cast<EventType>(total.what.type)).name, total.what.pid);
  append_json_string(out, comm_of(total.sum));
  fmt::format_to(std::back_inserter(out), R"(}}}},"bongsu":{{"count":{},"bytes":{},"errors":{}}}}})", total.sum.calls,
                 total.sum.bytes, total.sum.errors);
  out += '\n';
}

}  // namespace

std::string totals_text(std::vector<Sensor::Total> totals, bool json) {
  std::sort(totals.begin(), totals.end(), [](const Sensor::Total& a, const Sensor::Total& b) {
    return std::tuple(b.sum.bytes, b.sum.calls, a.what.pid, a.what.type) <
           std::tuple(a.sum.bytes, a.sum.calls, b.what.pid, b.what.type);
  });
  std::string out;
  if (!json) {
    out = fmt::format("{:>7} {:<16} {:<14} {:>14} {:>18} {:>12}\n", "PID", "NAME", "EVENT", "CALLS", "BYTES", "ERRORS");
  }
  for (const Sensor::Total& total : totals) {
    if (json) {
      append_json(out, total);
      continue;
    }
    std::string name;
    append_printable(name, comm_of(total.sum));
    constexpr std::size_t kNameColumns = 16;
    fmt::format_to(std::back_inserter(out), "{:>7} {:<16} {:<14} {:>14} {:>18} {:>12}\n", total.what.pid,
                   cut_columns(std::move(name), kNameColumns), info(static_cast<EventType>(total.what.type)).name,
                   total.sum.calls, total.sum.bytes, total.sum.errors);
  }
  return out;
}

std::string loss_text(std::uint64_t shown, const EventSource& source) {
  std::uint64_t lost = source.malformed();
  std::string details;
  const bongsu_counters counters = source.sensor().counters();
  for (const EventInfo& event : events()) {
    for (std::size_t reason = 0; reason < BONGSU_LOSS_COUNT; ++reason) {
      const std::uint64_t count = counters.lost[static_cast<std::size_t>(event.type)][reason];
      if (count > 0) {
        lost += count;
        details += fmt::format("  lost {} {}: {}\n", count, event.name, to_string(static_cast<bongsu_loss>(reason)));
      }
    }
  }
  for (const CpuLoss& loss : source.sensor().lost_per_cpu()) {
    details += fmt::format("  lost {} on cpu {}\n", loss.count, loss.cpu);
  }
  return fmt::format("{} event{} shown, {} lost\n{}", shown, shown == 1 ? "" : "s", lost, details);
}

}  // namespace bongsu
