// SPDX-License-Identifier: Apache-2.0
#include "cli/watch_note.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

namespace bongsu {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kNoteBytes = 256;  // all notes have the same length, so that one write replaces another

std::optional<WatchNote::Left> parse(std::string_view text) {
  const Json note = Json::parse(text.substr(0, text.find('\n')), nullptr, false);
  if (!note.is_object()) {
    return std::nullopt;
  }
  const auto boot = note.find("boot_id");
  const auto until = note.find("judged_until_ns");
  const auto ended = note.find("ended");
  if (boot == note.end() || !boot->is_string() || until == note.end() || !until->is_number_integer() ||
      ended == note.end() || !ended->is_boolean()) {
    return std::nullopt;
  }
  return WatchNote::Left{
      .boot_id = boot->get<std::string>(), .judged_until_ns = until->get<std::int64_t>(), .ended = ended->get<bool>()};
}

}  // namespace

Result<WatchNote> WatchNote::open(const std::filesystem::path& directory, std::string boot_id) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::filesystem::path path = directory / "watch.json";
  // For its owner only; a link that somebody left here is not followed.
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) {
    return fail_errno("state.directory: " + path.string(), errno, "make it writable, or leave state.directory away");
  }
  std::array<char, kNoteBytes> text{};
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  auto left = got > 0 ? parse({text.data(), static_cast<std::size_t>(got)}) : std::nullopt;
  return WatchNote(std::move(file), std::move(boot_id), std::move(left));
}

Status WatchNote::write(std::int64_t judged_until_ns, bool ended) {
  std::string text = Json({{"boot_id", boot_id_}, {"judged_until_ns", judged_until_ns}, {"ended", ended}}).dump();
  text.resize(kNoteBytes - 1, ' ');
  text += '\n';
  const ssize_t put = ::pwrite(file_.get(), text.data(), text.size(), 0);
  return std::cmp_equal(put, text.size()) ? Status{} : fail_errno("state.directory", put < 0 ? errno : ENOSPC);
}

std::string_view gap_reason(const WatchNote::Left& left, const std::string& boot_id) {
  if (left.boot_id != boot_id) {
    return "the host was restarted";
  }
  return left.ended ? "the monitor was stopped" : "the monitor was killed";
}

}  // namespace bongsu
