// SPDX-License-Identifier: Apache-2.0
#include "sinks/rotating_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace bongsu {
namespace {

constexpr mode_t kMode = 0640;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// Whether anybody could have put the file there, or a second name of one of ours.
Status check_owner(const std::string& path, const struct stat& file) {
  struct stat directory{};
  if (::stat(directory_of(path).c_str(), &directory) != 0) {
    return fail_errno(path, errno);
  }
  if ((directory.st_mode & S_IWOTH) != 0 && (file.st_uid != ::geteuid() || file.st_nlink > 1)) {
    return fail(path + ": the file is somebody else's, in a directory that everybody may write to",
                "name a file in a directory of its own");
  }
  return {};
}

tl::unexpected<Error> cannot_open(const std::string& path, int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return fail(path + ": there is no directory " + directory_of(path), "make it, or name another");
    case ELOOP:
      return fail(path + ": a symbolic link", "name the file itself");
    case ENXIO:  // a fifo that nobody reads, a socket
      return fail(path + ": not a plain file", "name a file");
    default:
      return fail_errno(path, error_number);
  }
}

// Since when there is the file, which a restart does not change. A file system that does not know says: now.
std::int64_t begun_ns(int file, const Clock& clock) {
  struct statx status{};
  if (::statx(file, "", AT_EMPTY_PATH, STATX_BTIME, &status) == 0 && (status.stx_mask & STATX_BTIME) != 0) {
    return status.stx_btime.tv_sec * 1'000'000'000 + status.stx_btime.tv_nsec;
  }
  return clock.wall_ns();
}

bool ends_inside_a_line(int file, off_t size) {
  char last = '\n';
  return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

// So that a new name outlasts a power failure.
void sync_directory(const std::string& path) {
  const UniqueFd directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) {
    ::fsync(directory.get());
  }
}

}  // namespace

RotatingFile::RotatingFile(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

Result<std::unique_ptr<RotatingFile>> RotatingFile::open(Options options, const Clock& clock) {
  std::unique_ptr<RotatingFile> file(new RotatingFile(std::move(options), clock));
  if (const Status opened = file->reopen(); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return file;
}

Status RotatingFile::reopen() {
  file_.reset();
  const std::string& path = options_.path;
  // O_NONBLOCK: opening a fifo must not wait for its reader. To a plain file it means nothing.
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd file(::open(path.c_str(), kFlags, kMode));
  if (!file) {
    return cannot_open(path, errno);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return fail_errno(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(path + ": not a plain file", "name a file");
  }
  if (const Status owner = check_owner(path, status); !owner) {
    return owner;
  }
  if (options_.sync != Sync::never && status.st_size == 0) {
    sync_directory(path);
  }
  identity_ = status;
  begun_ns_ = begun_ns(file.get(), clock_);
  torn_ = ends_inside_a_line(file.get(), status.st_size);
  file_ = std::make_shared<const UniqueFd>(std::move(file));
  return {};
}

Status RotatingFile::follow() {
  struct stat named{};
  const bool same = file_ && ::lstat(options_.path.c_str(), &named) == 0 && named.st_dev == identity_.st_dev &&
                    named.st_ino == identity_.st_ino;
  return same ? Status() : reopen();
}

bool RotatingFile::is_old() const {
  return options_.max_age_ns > 0 && clock_.wall_ns() - begun_ns_ >= options_.max_age_ns;
}

Status RotatingFile::rotate() {
  const auto name = [this](std::uint64_t number) { return options_.path + "." + std::to_string(number); };
  if (options_.sync == Sync::always) {
    ::fdatasync(file_->get());  // an earlier one has told of a disk that does not work
  }
  for (std::uint64_t number = options_.keep; number > 1; --number) {
    // A gap is as good: what is not there need not be moved.
    if (::rename(name(number - 1).c_str(), name(number).c_str()) != 0 && errno != ENOENT) {
      return fail_errno("cannot move " + name(number - 1), errno);
    }
  }
  const int moved =
      options_.keep > 0 ? ::rename(options_.path.c_str(), name(1).c_str()) : ::unlink(options_.path.c_str());
  if (moved != 0 && errno != ENOENT) {
    return fail_errno("cannot move " + options_.path, errno);
  }
  return reopen();
}

Status RotatingFile::append(std::string_view lines) {
  if (const int failure = late_sync_.take_failure(); failure != 0) {
    return fail_errno(options_.path + ": what was written may not be on the disk", failure);
  }
  if (Status status = follow(); !status) {
    return status;
  }
  struct stat now{};
  if (::fstat(file_->get(), &now) != 0) {
    return fail_errno(options_.path, errno);
  }
  const auto size = static_cast<std::uint64_t>(now.st_size);
  if (size > 0 && (size + lines.size() > options_.max_bytes || is_old())) {
    if (Status status = rotate(); !status) {
      return status;
    }
  }
  return write(lines);
}

Status RotatingFile::write(std::string_view lines) {
  struct stat before{};
  if (::fstat(file_->get(), &before) != 0) {
    return fail_errno(options_.path, errno);
  }
  std::string ended;
  if (torn_) {
    ended.append(1, '\n').append(lines);
    lines = ended;
  }
  std::size_t written = 0;
  int error = 0;
  while (written < lines.size() && error == 0) {
    const ssize_t wrote = ::write(file_->get(), lines.data() + written, lines.size() - written);
    if (wrote > 0) {
      written += static_cast<std::size_t>(wrote);
    } else if (wrote == 0 || errno != EINTR) {
      error = wrote == 0 ? ENOSPC : errno;
    }
  }
  if (error == 0 && options_.sync == Sync::always && ::fdatasync(file_->get()) != 0) {
    error = errno;
  }
  if (error != 0) {
    take_back(static_cast<std::uint64_t>(before.st_size), written);
    return fail_errno("cannot write to " + options_.path, error);
  }
  torn_ = false;
  if (options_.sync == Sync::interval) {
    late_sync_.written(file_);
  }
  return {};
}

// Only where nobody else has written meanwhile: what follows cannot be ours to cut.
void RotatingFile::take_back(std::uint64_t size_before, std::uint64_t written) {
  if (written == 0) {
    return;
  }
  struct stat now{};
  const bool ours =
      ::fstat(file_->get(), &now) == 0 && static_cast<std::uint64_t>(now.st_size) == size_before + written;
  if (!ours || ::ftruncate(file_->get(), static_cast<off_t>(size_before)) != 0) {
    torn_ = ::fstat(file_->get(), &now) == 0 && ends_inside_a_line(file_->get(), now.st_size);
  }
}

}  // namespace bongsu
