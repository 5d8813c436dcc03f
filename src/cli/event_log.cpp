// SPDX-License-Identifier: Apache-2.0
#include "cli/event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/json_document.h"
#include "base/unique_fd.h"
#include "recording/format.h"
#include "recording/replay.h"
#include "rules/event_json_reader.h"

namespace bongsu {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;  // far above any event
constexpr std::size_t kMaxNames = 100;

class LogReader {
 public:
  explicit LogReader(const std::function<void(const EventView&, std::uint64_t)>& on_event) : on_event_(on_event) {}

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      if (line_.size() + end > kMaxLineBytes) {
        too_long_ = true;
        line_.clear();
      } else if (!too_long_) {
        line_ += bytes.substr(0, end);
      }
      if (end == bytes.size()) {
        return;
      }
      finish_line();
      bytes.remove_prefix(end + 1);
    }
  }

  // What no newline ended.
  EventLogTotals finish() {
    if (!line_.empty() || too_long_) {
      finish_line();
    }
    return std::move(totals_);
  }

 private:
  void finish_line() {
    ++number_;
    if (too_long_) {
      refuse("the line is longer than an event can be");
    } else if (line_.find_first_not_of(" \t\r") != std::string::npos) {
      judge();
    }
    line_.clear();
    too_long_ = false;
  }

  void judge() {
    const Result<JsonDocument> document = JsonDocument::parse(line_);
    if (!document) {
      refuse(document.error().message);
      return;
    }
    const Result<ReadEvent> read = read_event_json(document->root());
    if (!read) {
      refuse(read.error().to_string());
      return;
    }
    ++totals_.events;
    for (const std::string& name : read->unknown) {
      if (totals_.unknown.size() < kMaxNames || totals_.unknown.contains(name)) {
        ++totals_.unknown[name];
      }
    }
    on_event_(read->event, number_);
  }

  void refuse(const std::string& why) {
    if (totals_.unreadable++ == 0) {
      totals_.first_unreadable = std::to_string(number_) + ": " + why;
    }
  }

  const std::function<void(const EventView&, std::uint64_t)>& on_event_;
  EventLogTotals totals_;
  std::string line_;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
};

bool is_recording(const UniqueFd& fd) {
  std::array<char, kRecordingMagic.size()> head{};
  const ssize_t got = ::pread(fd.get(), head.data(), head.size(), 0);  // fails on a pipe, which holds lines
  return got >= 0 && static_cast<std::size_t>(got) == head.size() &&
         std::string_view(head.data(), head.size()) == kRecordingMagic;
}

Result<EventLogTotals> read_recording(const std::string& path,
                                      const std::function<void(const EventView&, std::uint64_t)>& on_event) {
  EventLogTotals totals;
  totals.recording = true;
  const auto done = replay_events(path, [&](const EventView& event) { on_event(event, ++totals.events); });
  if (!done) {
    return tl::make_unexpected(done.error());
  }
  totals.incomplete = done->broken;
  if (const std::uint64_t lost = done->lost_events + done->lost_frames; totals.incomplete.empty() && lost != 0) {
    totals.incomplete = std::to_string(lost) + " events or frames were lost as it was made";
  }
  return totals;
}

}  // namespace

Result<EventLogTotals> read_event_log(const std::string& path,
                                      const std::function<void(const EventView&, std::uint64_t)>& on_event) {
  const UniqueFd fd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return fail_errno("cannot read events from " + path, errno);
  }
  if (is_recording(fd)) {
    return read_recording(path == "-" ? "/dev/stdin" : path, on_event);
  }
  LogReader reader(on_event);
  std::array<char, std::size_t{64} * 1024> block{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return fail_errno("cannot read events from " + path, errno);
    }
    if (got == 0) {
      return reader.finish();
    }
    reader.take({block.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace bongsu
