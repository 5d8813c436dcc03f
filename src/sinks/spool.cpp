// SPDX-License-Identifier: Apache-2.0
#include "sinks/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "sinks/spool_record.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

// It is read as a whole at the start; and a spool of 16 GiB has 256 of them, each with a descriptor.
constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;
constexpr std::string_view kSuffix = ".log";
constexpr mode_t kFileMode = 0600;
constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW;

// Two slots, written in turn: whatever breaks off, one of them is whole.
struct CursorSlot {
  std::uint64_t sequence = 0;
  std::uint32_t sum = 0;  // CRC-32 of the sequence
  std::uint32_t unused = 0;
};
static_assert(sizeof(CursorSlot) == 16);
constexpr std::size_t kCursorSlots = 2;

std::uint32_t sum_of(std::uint64_t sequence) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(&sequence), sizeof sequence));
}

std::string file_name(Severity severity, std::uint64_t first) {
  std::string digits = std::to_string(first);
  digits.insert(0, std::numeric_limits<std::uint64_t>::digits10 + 1 - digits.size(), '0');
  return std::to_string(static_cast<int>(severity)) + "-" + digits + std::string(kSuffix);
}

// Of a name that file_name() made.
std::optional<Severity> severity_of(std::string_view name) {
  const std::size_t size = 2 + std::numeric_limits<std::uint64_t>::digits10 + 1 + kSuffix.size();
  if (name.size() != size || !name.ends_with(kSuffix) || name[1] != '-' || name[0] < '1' || name[0] > '5' ||
      !std::ranges::all_of(name.substr(2, size - 2 - kSuffix.size()), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  return static_cast<Severity>(name[0] - '0');
}

Status read_all(int fd, std::span<std::byte> out, std::uint64_t offset) {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return got == 0 ? fail("it has become shorter") : fail_errno("reading failed", errno);
    }
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

int write_all(int fd, std::string_view text, std::uint64_t offset) {
  while (!text.empty()) {
    const ssize_t wrote = ::pwrite(fd, text.data(), text.size(), static_cast<off_t>(offset));
    if (wrote < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
  return 0;
}

}  // namespace

Result<std::shared_ptr<const Alert>> SpoolFile::read(std::uint64_t offset, std::size_t bytes) const {
  std::vector<std::byte> buffer(bytes);
  const UniqueFd opened(fd_ ? -1 : ::open(path_.c_str(), O_RDONLY | kFlags));
  if (!fd_ && !opened) {
    return fail_errno(path_.string(), errno);
  }
  if (const Status got = read_all(fd_ ? fd_.get() : opened.get(), buffer, offset); !got) {
    return fail(path_.string() + ": " + got.error().message);
  }
  auto record = read_spool_record(buffer);
  if (!record) {
    return fail(path_.string() + ": an alert in it is damaged");
  }
  return std::move(record->alert);
}

Result<std::unique_ptr<Spool>> Spool::open(Options options, std::vector<Place>& left) {
  constexpr std::uint64_t kSmallestFile = std::uint64_t{64} << 10;
  if (options.file_bytes == 0) {
    options.file_bytes = std::clamp(options.max_bytes / 64, kSmallestFile, kLargestFile);
  }
  std::error_code error;
  fs::create_directories(options.directory, error);
  const std::string where = options.directory.string();
  if (error) {
    return fail("spool " + where + ": " + error.message());
  }
  UniqueFd lock(::open((options.directory / "lock").c_str(), O_RDWR | O_CREAT | kFlags, kFileMode));
  if (!lock) {
    return fail_errno("spool " + where, errno);
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? fail("spool " + where + ": another program uses it", "give each its own directory")
                                : fail_errno("spool " + where, errno);
  }
  std::unique_ptr<Spool> spool(new Spool(std::move(options), std::move(lock)));
  Status read = spool->read_cursor();
  if (read) {
    read = spool->read_files(left);
  }
  if (!read) {
    return fail("spool " + where + ": " + read.error().message, read.error().hint);
  }
  return spool;
}

Status Spool::read_cursor() {
  cursor_.reset(::open((options_.directory / "cursor").c_str(), O_RDWR | O_CREAT | kFlags, kFileMode));
  if (!cursor_) {
    return fail_errno("cursor", errno);
  }
  std::array<CursorSlot, kCursorSlots> slots{};
  const ssize_t got = ::pread(cursor_.get(), slots.data(), sizeof slots, 0);
  if (got < 0) {
    return fail_errno("cursor", errno);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(CursorSlot); ++i) {
    if (slots.at(i).sum == sum_of(slots.at(i).sequence) && slots.at(i).sequence >= settled_) {
      settled_ = slots.at(i).sequence;
      cursor_writes_ = i + 1;  // the next one goes into the other slot
    }
  }
  next_ = settled_ + 1;
  return {};
}

Status Spool::read_files(std::vector<Place>& left) {
  std::vector<std::pair<fs::path, Severity>> found;
  std::error_code error;
  for (fs::directory_iterator entry(options_.directory, error), end; !error && entry != end; entry.increment(error)) {
    if (const auto severity = severity_of(entry->path().filename().native())) {
      found.emplace_back(entry->path(), *severity);
    }
  }
  if (error) {
    return fail(error.message());
  }
  std::ranges::sort(found);  // of one severity: the oldest first
  for (const auto& [path, severity] : found) {
    if (const Status read = read_file(path, severity, left); !read) {
      log::error("spool {}: {}", options_.directory.string(), read.error().to_string());
      ++unreadable_files_;  // it costs what is in it
    }
  }
  std::ranges::sort(left, {}, &Place::sequence);
  return {};
}

Status Spool::read_file(const fs::path& path, Severity severity, std::vector<Place>& left) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | kFlags));
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return fail_errno(path.filename().string(), errno);
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  // One alert too many is the most that a file of ours has.
  if (!S_ISREG(status.st_mode) || size > kLargestFile + kMostSpoolBodyBytes + kSpoolHeadBytes) {
    return fail(path.filename().string() + " is not a file of a spool", "remove it");
  }
  std::vector<std::byte> bytes(size);
  if (const Status got = read_all(fd.get(), bytes, 0); !got) {
    return fail(path.filename().string() + ": " + got.error().message);
  }
  auto file = std::make_shared<SpoolFile>(UniqueFd(), path);
  file->bytes_ = size;
  damaged_bytes_ += scan_spool(bytes, [&](const SpoolRecord& record) {
    file->first_ = file->first_ == 0 ? record.sequence : file->first_;
    file->last_ = std::max(file->last_, record.sequence);
    next_ = std::max(next_, record.sequence + 1);
    if (record.sequence > settled_) {
      left.push_back({.sequence = record.sequence,
                      .file = file,
                      .offset = record.offset,
                      .bytes = record.bytes,
                      .severity = severity});
    }
  });
  Files& files = files_of(severity);
  files.push_back(file);
  bytes_ += size;
  if (file->last_ <= settled_) {
    bytes_ -= size;
    files.pop_back();
    ::unlink(path.c_str());
  }
  return {};
}

Result<SpoolFile*> Spool::file_for(Severity severity) {
  Files& files = files_of(severity);
  bool& writing = writing_.at(static_cast<std::size_t>(severity) - 1);
  if (writing && files.back()->bytes_ < options_.file_bytes) {
    return files.back().get();
  }
  writing = false;
  fs::path path = options_.directory / file_name(severity, next_);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | kFlags, kFileMode));
  if (!fd) {
    disk_full_ = errno == ENOSPC || errno == EDQUOT;
    return fail_errno("spool: " + path.string(), errno);
  }
  files.push_back(std::make_shared<SpoolFile>(std::move(fd), std::move(path)));
  writing = true;
  return files.back().get();
}

bool Spool::has_room(const Alert& alert) const {
  constexpr std::uint64_t kRest = 256;  // of a record besides the JSON
  return bytes_ + alert.json.size() + kRest <= options_.max_bytes;
}

Result<Spool::Place> Spool::append(const Alert& alert) {
  buffer_.clear();
  disk_full_ = false;
  if (!append_spool_record(buffer_, next_, alert)) {
    return fail("spool: an alert is too large for it");
  }
  auto file = file_for(alert.severity);
  if (!file) {
    return tl::make_unexpected(file.error());
  }
  SpoolFile& to = **file;
  if (const int failed = write_all(to.fd_.get(), buffer_, to.bytes_); failed != 0) {
    // Half a record before the next one would do no harm, but takes room; where it cannot be cut off, nothing follows.
    if (::ftruncate(to.fd_.get(), static_cast<off_t>(to.bytes_)) != 0) {
      writing_.at(static_cast<std::size_t>(alert.severity) - 1) = false;
    }
    disk_full_ = failed == ENOSPC || failed == EDQUOT;
    return fail_errno("spool: " + to.path_.string(), failed);
  }
  Place place{.sequence = next_,
              .file = files_of(alert.severity).back(),
              .offset = to.bytes_,
              .bytes = buffer_.size(),
              .severity = alert.severity};
  to.first_ = to.first_ == 0 ? next_ : to.first_;
  to.last_ = next_++;
  to.bytes_ += buffer_.size();
  bytes_ += buffer_.size();
  return place;
}

Status Spool::settle(std::uint64_t sequence) {
  if (sequence <= settled_) {
    return {};
  }
  settled_ = sequence;
  const CursorSlot slot{.sequence = sequence, .sum = sum_of(sequence)};
  const std::string_view bytes(reinterpret_cast<const char*>(&slot), sizeof slot);
  const int failed = write_all(cursor_.get(), bytes, (cursor_writes_++ % kCursorSlots) * sizeof slot);
  for (std::size_t i = 0; i < kSeverities; ++i) {
    Files& files = files_.at(i);
    // The one being written stays until it is full: else each alert would make a file and remove it.
    while (!files.empty() && files.front()->last_ <= settled_ &&
           (files.size() > 1 || !writing_.at(i) || files.front()->bytes_ >= options_.file_bytes)) {
      writing_.at(i) = files.size() > 1 && writing_.at(i);
      remove(files, files.begin());
    }
  }
  return failed == 0 ? Status() : fail_errno("spool: cursor", failed);
}

std::shared_ptr<const SpoolFile> Spool::oldest(Severity severity,
                                               std::span<const std::shared_ptr<const SpoolFile>> besides) const {
  const Files& files = files_.at(static_cast<std::size_t>(severity) - 1);
  const auto found =
      std::ranges::find_if(files, [&](const auto& file) { return std::ranges::find(besides, file) == besides.end(); });
  return found == files.end() ? nullptr : *found;
}

void Spool::drop(Severity severity, const std::shared_ptr<const SpoolFile>& file) {
  Files& files = files_of(severity);
  if (const auto found = std::ranges::find(files, file); found != files.end()) {
    bool& writing = writing_.at(static_cast<std::size_t>(severity) - 1);
    writing = file != files.back() && writing;
    remove(files, found);
  }
}

void Spool::remove(Files& files, const Files::iterator& file) {
  bytes_ -= (*file)->bytes_;
  ::unlink((*file)->path_.c_str());
  files.erase(file);
}

}  // namespace bongsu
