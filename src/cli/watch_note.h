// SPDX-License-Identifier: Apache-2.0
//
// A note for the next monitor of this host: until when this one judged. A line of JSON in a file, written over once a
// second, so that what a crash leaves behind is at most that old.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

class WatchNote {
 public:
  struct Left {
    std::string boot_id;
    std::int64_t judged_until_ns = 0;  // since the Unix epoch
    bool ended = false;                // by a signal, as it should; else it was killed, or crashed
  };

  // Makes the directory if need be, and reads what the one before left; what cannot be read is none.
  [[nodiscard]] static Result<WatchNote> open(const std::filesystem::path& directory, std::string boot_id);

  [[nodiscard]] const std::optional<Left>& left() const { return left_; }
  [[nodiscard]] const std::string& boot_id() const { return boot_id_; }

  [[nodiscard]] Status write(std::int64_t judged_until_ns, bool ended);

 private:
  WatchNote(UniqueFd file, std::string boot_id, std::optional<Left> left)
      : file_(std::move(file)), boot_id_(std::move(boot_id)), left_(std::move(left)) {}

  UniqueFd file_;
  std::string boot_id_;
  std::optional<Left> left_;
};

// Why nobody watched, in words.
[[nodiscard]] std::string_view gap_reason(const WatchNote::Left& left, const std::string& boot_id);

}  // namespace bongsu
