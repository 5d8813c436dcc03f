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

}  // namespace

MetricFamily& MetricFamily::add(double value, std::vector<std::pair<std::string, std::string>> labels) {
  samples.push_back({std::move(labels), value});
  return *this;
}

MetricFamily& MetricFamily::add(std::uint64_t value, std::vector<std::pair<std::string, std::string>> labels) {
  return add(static_cast<double>(value), std::move(labels));
}

std::string to_prometheus(std::span<const MetricFamily> families) {
  std::string out;
  for (const MetricFamily& family : families) {
    if (family.samples.empty()) {
      continue;
    }
    out += "# HELP " + family.name + " " + escaped(family.help, false) + "\n# TYPE " + family.name +
           (family.type == MetricFamily::Type::counter ? " counter\n" : " gauge\n");
    for (const MetricSample& sample : family.samples) {
      out += family.name;
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
