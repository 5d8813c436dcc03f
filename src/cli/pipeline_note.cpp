// SPDX-License-Identifier: Apache-2.0
//
// Pipeline: what it leaves for the next monitor of this host, and what the one before has left.
#include <utility>

#include "base/log.h"
#include "cli/pipeline.h"

namespace bongsu {

// Without a note the monitor judges all the same.
void Pipeline::open_note() {
  const std::string& directory = parts_.config.config().state.directory;
  if (directory.empty()) {
    return;
  }
  auto boot_id = read_boot_id("/proc");
  auto note = boot_id ? WatchNote::open(directory, *std::move(boot_id)) : tl::make_unexpected(boot_id.error());
  if (!note) {
    log::error("the next monitor will not know how long nobody watched: {}", note.error().to_string());
    return;
  }
  note_ = *std::move(note);
}

// Of what happened in between nothing is known but the processes that it left.
void Pipeline::tell_gap(std::int64_t watching_since_ns) {
  if (!note_ || !note_->left() || note_->left()->judged_until_ns >= watching_since_ns) {
    return;
  }
  const WatchNote::Left& left = *note_->left();
  const std::string reason(gap_reason(left, note_->boot_id()));
  log::warn("nobody watched for {:.1f} s: {}", static_cast<double>(watching_since_ns - left.judged_until_ns) / 1e9,
            reason);
  tell(EventType::gap, {.reason = reason, .gap_start_ns = left.judged_until_ns, .gap_end_ns = watching_since_ns});
}

void Pipeline::note(std::int64_t judged_until_ns, bool ended) {
  if (!note_) {
    return;
  }
  const Status written = note_->write(judged_until_ns, ended);
  if (!written && !std::exchange(note_fails_, true)) {
    log::warn("{}: the next monitor will not know how long nobody watched", written.error().to_string());
  }
}

}  // namespace bongsu
