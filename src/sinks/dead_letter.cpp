// SPDX-License-Identifier: Apache-2.0
#include "sinks/dead_letter.h"

#include <utility>

#include "base/strings.h"

namespace bongsu {

DeadLetter::DeadLetter(std::unique_ptr<RotatingFile> file, std::uint64_t max_bytes, const Clock& clock)
    : file_(std::move(file)), max_bytes_(max_bytes), clock_(clock) {}

Result<std::unique_ptr<DeadLetter>> DeadLetter::open(const std::string& path, std::uint64_t max_bytes,
                                                     const Clock& clock) {
  RotatingFile::Options options;
  options.path = path;
  options.max_bytes = max_bytes;
  options.keep = 1;
  options.sync = RotatingFile::Sync::interval;
  auto file = RotatingFile::open(std::move(options), clock);
  if (!file) {
    return tl::make_unexpected(file.error());
  }
  return std::unique_ptr<DeadLetter>(new DeadLetter(*std::move(file), max_bytes, clock));
}

bool DeadLetter::add(std::string_view sink, std::string_view reason, const Alert& alert) {
  std::string line = R"({"@timestamp":")";
  append_timestamp(line, clock_.wall_ns());
  line += R"(","sink":)";
  append_json_string(line, sink);
  line += R"(,"reason":)";
  append_json_string(line, reason);
  line += R"(,"alert":)";
  line += alert.json;
  line += "}\n";
  // Once more where it fails: that may be the disk's word on earlier ones.
  const bool written = line.size() <= max_bytes_ && (file_->append(line) || file_->append(line));
  lost_ += written ? 0 : 1;
  return written;
}

}  // namespace bongsu
