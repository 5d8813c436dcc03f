// SPDX-License-Identifier: Apache-2.0
#include "identity/plain_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include "base/unique_fd.h"

namespace bongsu {
namespace {

FileAnswer why() { return errno == ENOENT ? FileAnswer::missing : FileAnswer::refused; }

bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

FileAnswer read_all(const UniqueFd& file, std::size_t max_bytes, std::string& out) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0 ||
      std::cmp_greater(status.st_size, max_bytes)) {
    return FileAnswer::refused;
  }
  // It may grow meanwhile: one byte beyond what is allowed would tell.
  out.resize(std::min(static_cast<std::size_t>(status.st_size), max_bytes) + 1);
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = ::read(file.get(), out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return FileAnswer::refused;
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
    if (size == out.size() && size <= max_bytes) {
      out.resize(std::min(2 * size, max_bytes + 1));
    }
  }
  if (size > max_bytes) {
    return FileAnswer::refused;
  }
  out.resize(size);
  return FileAnswer::read;
}

// Component by component, which every kernel and every seccomp profile allows, unlike openat2(2). O_NONBLOCK: what is a
// pipe by now must not keep us.
FileAnswer read_below(UniqueFd directory, std::span<const std::string_view> names, std::size_t max_bytes,
                      std::string& out) {
  for (const std::string_view& name : names) {
    if (!is_component(name)) {
      return FileAnswer::refused;
    }
    const bool last = &name == &names.back();
    const int flags = last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
    directory.reset(::openat(directory.get(), std::string(name).c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) {
      return why();
    }
  }
  return read_all(directory, max_bytes, out);
}

UniqueFd open_directory(const std::filesystem::path& path) {
  return UniqueFd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

FileAnswer read_plain_file(const std::filesystem::path& directory, std::initializer_list<std::string_view> names,
                           std::size_t max_bytes, std::string& out) {
  UniqueFd base = open_directory(directory);
  return base ? read_below(std::move(base), std::span(names.begin(), names.size()), max_bytes, out) : why();
}

FileAnswer read_plain_file(const std::filesystem::path& root, const std::filesystem::path& path, std::size_t max_bytes,
                           std::string& out) {
  std::vector<std::string> parts;
  for (const std::filesystem::path& part : path.relative_path()) {
    parts.push_back(part.string());
  }
  UniqueFd base = open_directory(root);
  if (!base) {
    return why();
  }
  if (!path.is_absolute() || parts.empty()) {
    return FileAnswer::refused;
  }
  const std::vector<std::string_view> names(parts.begin(), parts.end());
  return read_below(std::move(base), names, max_bytes, out);
}

std::vector<std::string> folders_in(const std::filesystem::path& directory, std::size_t max) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), &::closedir);
  while (open != nullptr && names.size() < max) {
    const dirent* entry = ::readdir(open.get());  // NOLINT(concurrency-mt-unsafe): the stream is this function's
    if (entry == nullptr) {
      break;
    }
    const std::string_view name(entry->d_name);
    if (entry->d_type == DT_DIR && is_component(name)) {
      names.emplace_back(name);
    }
  }
  return names;
}

}  // namespace bongsu
