// SPDX-License-Identifier: Apache-2.0
//
// Numbers as the Prometheus text format, version 0.0.4. No registry: whoever has numbers lists them when asked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/latency_histogram.h"

namespace bongsu {

struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels;  // values may hold any bytes
  double value = 0;
  std::string_view suffix;  // of the name, in a histogram: _bucket, _sum, _count
};

struct MetricFamily {
  enum class Type : std::uint8_t { counter, gauge, histogram };
  std::string name;  // [a-zA-Z_:][a-zA-Z0-9_:]*; a counter's ends in _total
  std::string help;
  Type type = Type::gauge;
  std::vector<MetricSample> samples;  // none: the family is left out

  // family.add(7, {{"event", "exec"}})
  MetricFamily& add(double value, std::vector<std::pair<std::string, std::string>> labels = {});
  MetricFamily& add(std::uint64_t value, std::vector<std::pair<std::string, std::string>> labels = {});
  // Of a histogram, whose name ends in _seconds: a sample for each bucket, the sum and the count.
  MetricFamily& add(const LatencyHistogram& histogram, std::vector<std::pair<std::string, std::string>> labels = {});
};

inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

[[nodiscard]] std::string to_prometheus(std::span<const MetricFamily> families);

}  // namespace bongsu
