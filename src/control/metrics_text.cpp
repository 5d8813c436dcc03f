// SPDX-License-Identifier: Apache-2.0
#include "control/metrics_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace bongsu {
namespace {

// name{label="value",label="value"} 1.5
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  std::optional<ReadSample> sample() {
    ReadSample sample;
    sample.name = word("{ ");
    if (sample.name.empty()) {
      return std::nullopt;
    }
    if (take('{')) {
      while (!take('}')) {
        std::string name(word("="));
        if (name.empty() || !take('=') || !take('"')) {
          return std::nullopt;
        }
        auto value = quoted();
        if (!value) {
          return std::nullopt;
        }
        sample.labels.emplace_back(std::move(name), *std::move(value));
        take(',');
      }
    }
    if (!take(' ') || !number(sample.value)) {
      return std::nullopt;
    }
    return sample;
  }

 private:
  std::string_view word(std::string_view ends) {
    const std::string_view found = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(found.size());
    return found;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  // Up to the closing quote, which is taken too.
  std::optional<std::string> quoted() {
    std::string out;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] != '\\') {
        out += rest_[i];
      } else if (i + 1 < rest_.size()) {
        ++i;
        out += rest_[i] == 'n' ? '\n' : rest_[i];
      }
    }
    return std::nullopt;
  }

  // Takes NaN and Inf too; a time stamp may follow.
  bool number(double& out) {
    take('+');
    const std::string_view text = word(" ");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  }

  std::string_view rest_;
};

}  // namespace

std::string_view ReadSample::label(std::string_view wanted) const {
  const auto found =
      std::find_if(labels.begin(), labels.end(), [wanted](const auto& label) { return label.first == wanted; });
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::vector<ReadSample>> read_prometheus(std::string_view text) {
  std::vector<ReadSample> samples;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    auto sample = LineReader(line).sample();
    if (!sample) {
      return fail("line " + std::to_string(number) + " is no sample in the Prometheus text format");
    }
    samples.push_back(*std::move(sample));
  }
  return samples;
}

}  // namespace bongsu
