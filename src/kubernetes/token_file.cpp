// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/token_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/unique_fd.h"

namespace bongsu {
namespace {

constexpr std::size_t kTokenBytesMax = std::size_t{64} << 10;  // of a few hundred to a few thousand

}  // namespace

FileMark FileMark::of(const struct stat& found) {
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .size_bytes = found.st_size,
          .changed_ns = found.st_mtim.tv_sec * std::int64_t{1'000'000'000} + found.st_mtim.tv_nsec};
}

FileMark FileMark::at(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 ? of(found) : FileMark{};
}

Result<std::string> TokenFile::token() {
  const FileMark now = FileMark::at(path_);
  if (now.size_bytes >= 0 && now == mark_) {
    return token_;
  }
  const UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat found{};
  if (!file || ::fstat(file.get(), &found) != 0) {
    return fail_errno(path_, errno);
  }
  std::string text(kTokenBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return fail_errno(path_, errno);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  // It becomes part of a header's line.
  if (text.empty() || text.size() > kTokenBytesMax ||
      !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; })) {
    return fail(path_ + ": this is no token");
  }
  token_ = std::move(text);
  mark_ = FileMark::of(found);
  return token_;
}

}  // namespace bongsu
