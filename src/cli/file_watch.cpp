// SPDX-License-Identifier: Apache-2.0
#include "cli/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "rules/limits.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

// IN_MODIFY: a file that is still being written has not settled. IN_ATTRIB: it may be readable now.
constexpr std::uint32_t kMask = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                                IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

Status FileWatch::renew() {
  watched_.clear();
  status_ = {};
  looks_ = 0;
  inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify_) {
    return fail_errno("changes of files are not noticed: inotify_init1", errno,
                      "raise fs.inotify.max_user_instances; SIGHUP reads them anew");
  }
  for (const fs::path& path : paths_) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error).lexically_normal();
    fs::path plain = absolute.has_filename() ? absolute : absolute.parent_path();  // "rules/" is "rules"
    watch(plain.parent_path(), false, plain.filename().native());
    if (fs::is_directory(plain, error)) {
      watch_below(plain, 0);
    }
  }
  return status_;
}

void FileWatch::watch_below(const fs::path& path, std::size_t depth) {
  watch(path, true, {});
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const bool hidden = it->path().filename().native().starts_with('.');
    if (!hidden && depth < kMaxFolderDepth && !it->is_symlink(ignored) && it->is_directory(ignored)) {
      watch_below(it->path(), depth + 1);
    }
  }
}

void FileWatch::watch(const fs::path& path, bool whole, std::string name) {
  if (watched_.size() >= kMostWatches) {
    if (status_) {
      status_ = fail(
          "changes of files are not noticed in all directories: there are more than " + std::to_string(kMostWatches),
          "SIGHUP reads them anew");
    }
    return;
  }
  const int descriptor = ::inotify_add_watch(inotify_.get(), path.c_str(), kMask);
  if (descriptor < 0) {
    if (status_ && errno != ENOENT && errno != ENOTDIR) {  // what is not there cannot change, but may come: see names
      status_ = fail_errno("changes of files are not noticed in " + path.string(), errno, "SIGHUP reads them anew");
    }
    return;
  }
  Watched& watched = watched_[descriptor];  // the same for the same directory
  watched.whole = watched.whole || whole;
  if (!name.empty()) {
    watched.names.insert(std::move(name));
  }
}

// Names that begin with two dots are a ConfigMap's: it makes a new copy beside the old one, then swaps the link ..data.
bool FileWatch::concerns(int watch, std::uint32_t mask, std::string_view name) const {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    return true;
  }
  const auto found = watched_.find(watch);
  if (found == watched_.end()) {
    return false;
  }
  if (name.empty()) {
    return found->second.whole && (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB)) != 0;
  }
  if (name.starts_with("..") || found->second.names.contains(std::string(name))) {
    return true;
  }
  return found->second.whole && !name.starts_with('.') && ((mask & IN_ISDIR) != 0 || name.ends_with(".json"));
}

// Whether there was anything of interest.
bool FileWatch::drain() {
  bool any = false;
  // For the alignment, and room for at least one event with the longest name: see inotify(7).
  alignas(inotify_event) std::array<char, 16'384> buffer{};
  ssize_t got = 0;
  while ((got = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0) {
    const auto end = static_cast<std::size_t>(got);
    for (std::size_t at = 0; at + sizeof(inotify_event) <= end;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event;
      const char* const text = buffer.data() + at;
      any = concerns(event.wd, event.mask, std::string_view(text, ::strnlen(text, event.len))) || any;
      at += event.len;
    }
  }
  return any;
}

bool FileWatch::changed() {
  if (!inotify_) {
    if (++looks_ < kLooksToRenew) {
      return false;
    }
    const Status renewed = renew();
    return renewed || inotify_;
  }
  if (drain() && ++looks_ <= kMostLooks) {
    return false;
  }
  return std::exchange(looks_, 0) > 0;
}

}  // namespace bongsu
