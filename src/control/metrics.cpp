// SPDX-License-Identifier: Apache-2.0
#include "control/metrics.h"

#include <fmt/format.h>

#include <cmath>

namespace bongsu {
namespace {

// HELP text escapes backslash and newline, label values the quote too. Bytes that are not ASCII are replaced: the
// format is UTF-8, and all that comes here from outside are names of cgroups and files.
std::string escaped(std::string_view text, bool quote) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quote) {
      out += "\\\"";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? '?' : c;
    }
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  return fmt::format("{}", value);  // the shortest text that reads back as the same number
}

std::string_view type_name(MetricFamily::Type type) {
  switch (type) {
    case MetricFamily::Type::counter:
      return "counter";
    case MetricFamily::Type::gauge:
      return "gauge";
    case MetricFamily::Type::histogram:
      return "histogram";
  }
  return "untyped";
}

}  // namespace

MetricFamily& MetricFamily::add(double value, std::vector<std::pair<std::string, std::string>> labels) {
  samples.push_back({std::move(labels), value, {}});
  return *this;
}

MetricFamily& MetricFamily::add(std::uint64_t value, std::vector<std::pair<std::string, std::string>> labels) {
  return add(static_cast<double>(value), std::move(labels));
}

// Buckets are told summed up: each holds all that took no longer than its bound.
MetricFamily& MetricFamily::add(const LatencyHistogram& histogram,
                                std::vector<std::pair<std::string, std::string>> labels) {
  constexpr double kSecondNs = 1e9;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    count += histogram.counts()[i];
    MetricSample bucket{labels, static_cast<double>(count), "_bucket"};
    const bool last = i == LatencyHistogram::kBoundsNs.size();
    bucket.labels.emplace_back("le",
                               last ? "+Inf" : number(static_cast<double>(LatencyHistogram::kBoundsNs[i]) / kSecondNs));
    samples.push_back(std::move(bucket));
  }
  samples.push_back({labels, static_cast<double>(histogram.sum_ns()) / kSecondNs, "_sum"});
  samples.push_back({std::move(labels), static_cast<double>(count), "_count"});
  return *this;
}

std::string to_prometheus(std::span<const MetricFamily> families) {
  std::string out;
  for (const MetricFamily& family : families) {
    if (family.samples.empty()) {
      continue;
    }
    out += "# HELP " + family.name + " " + escaped(family.help, false) + "\n# TYPE " + family.name + " ";
    out.append(type_name(family.type)) += '\n';
    for (const MetricSample& sample : family.samples) {
      out.append(family.name).append(sample.suffix);
      for (const auto& [name, value] : sample.labels) {
        out += &name == &sample.labels.front().first ? "{" : ",";
        out += name + "=\"" + escaped(value, true) + "\"";
      }
      out += sample.labels.empty() ? " " : "} ";
      out += number(sample.value) + "\n";
    }
  }
  return out;
}

}  // namespace bongsu
