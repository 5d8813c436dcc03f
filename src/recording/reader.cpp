// SPDX-License-Identifier: Apache-2.0
#include "recording/reader.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "base/version.h"

namespace bongsu {
namespace {

// What our own writer makes needs far less; a file that asks for more memory is refused by zstd.
constexpr int kMaxWindowLog = 23;  // 8 MiB

std::string printable(std::string_view text) {
  constexpr std::size_t kEnough = 40;
  std::string out;
  append_printable(out, text.substr(0, kEnough));
  return out;
}

}  // namespace

void RecordingReader::FreeContext::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

RecordingReader::RecordingReader(UniqueFd file)
    : file_(std::move(file)),
      zstd_(ZSTD_createDCtx()),
      packed_(ZSTD_DStreamInSize()),
      plain_(ZSTD_DStreamOutSize()),
      payload_(kMaxFrameBytes / sizeof(std::uint64_t)) {}

RecordingReader::~RecordingReader() = default;

Result<std::unique_ptr<RecordingReader>> RecordingReader::open(const std::filesystem::path& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return fail_errno("cannot read " + path.string(), errno);
  }
  std::unique_ptr<RecordingReader> reader(new RecordingReader(std::move(file)));
  if (reader->zstd_ == nullptr) {
    return fail("no memory to read " + path.string());
  }
  ZSTD_DCtx_setParameter(reader->zstd_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  if (Status header = reader->read_header(path.string()); !header) {
    return tl::make_unexpected(header.error());
  }
  return reader;
}

Status RecordingReader::read_header(const std::string& name) {
  constexpr std::size_t kHeadBytes = kRecordingMagic.size() + sizeof(std::uint32_t);
  std::string head;
  while (head.size() < kHeadBytes && read_file()) {
    const std::size_t part = std::min(kHeadBytes - head.size(), packed_size_);
    head.append(reinterpret_cast<const char*>(packed_.data()), part);
    packed_at_ = part;
  }
  if (!head.starts_with(kRecordingMagic) || head.size() < kHeadBytes) {
    return fail(name + " is no recording", "bongsu record FILE makes one");
  }
  std::uint32_t format = 0;
  std::memcpy(&format, head.data() + kRecordingMagic.size(), sizeof format);
  if (format != kRecordingVersion) {
    return fail(name + " is a recording of format " + std::to_string(format) + ", this program reads format " +
                    std::to_string(kRecordingVersion),
                "replay it with the version of bongsu that made it");
  }
  const std::optional<Frame> frame = read_frame();
  if (!frame || frame->kind != FrameKind::header) {
    return fail(name + " has no header", "it was cut off, or damaged, before anything was recorded");
  }
  auto header = parse_header({reinterpret_cast<const char*>(frame->bytes.data()), frame->bytes.size()});
  if (!header) {
    return fail(name + ": " + header.error().message);
  }
  header_ = std::move(*header);
  if (header_.layout != recording_layout()) {
    const std::string made_by = printable(header_.program);
    const bool same = header_.program == version();
    return fail(name + " was made by bongsu " + made_by + (same ? ", of another build" : "") +
                    ", whose records have another layout than those of this one (" + std::string(version()) + ")",
                "replay it with bongsu " + made_by + (same ? " as it was then" : ""));
  }
  return {};
}

std::optional<Frame> RecordingReader::next() {
  if (ending_ != Ending::none) {
    return std::nullopt;
  }
  const std::optional<Frame> frame = read_frame();
  if (frame && frame->kind == FrameKind::end) {
    read_to_the_end();
  }
  return frame;
}

// Only a checksum follows the last frame: without it, what was read need not be what was written.
void RecordingReader::read_to_the_end() {
  if (plain_at_ < plain_size_ || refill()) {
    (void)end(Ending::damaged, "something follows its end");
  }
  (void)end(zstd_done_ ? Ending::recorded : Ending::cut);
}

void RecordingReader::refuse(std::string why) {
  ending_ = Ending::damaged;
  damage_ = std::move(why);
}

std::nullopt_t RecordingReader::end(Ending ending, std::string why) {
  if (ending_ == Ending::none) {  // the first reason is the one
    ending_ = ending;
    damage_ = std::move(why);
  }
  return std::nullopt;
}

std::optional<Frame> RecordingReader::read_frame() {
  FrameHead head{0, FrameKind::end};
  if (!take(std::as_writable_bytes(std::span(&head, 1)))) {
    return end(Ending::cut);
  }
  if (head.size > kMaxFrameBytes) {
    return end(Ending::damaged, "a frame of " + std::to_string(head.size) + " bytes");
  }
  const std::span bytes = std::as_writable_bytes(std::span(payload_)).first(head.size);
  if (!take(bytes)) {
    return end(Ending::cut);
  }
  bytes_ += sizeof head + bytes.size();
  return Frame{head.kind, bytes};
}

bool RecordingReader::take(std::span<std::byte> out) {
  while (!out.empty()) {
    if (plain_at_ == plain_size_ && !refill()) {
      return false;
    }
    const std::size_t part = std::min(out.size(), plain_size_ - plain_at_);
    std::memcpy(out.data(), plain_.data() + plain_at_, part);
    plain_at_ += part;
    out = out.subspan(part);
  }
  return true;
}

bool RecordingReader::refill() {
  plain_at_ = plain_size_ = 0;
  while (plain_size_ == 0) {
    ZSTD_inBuffer in{packed_.data(), packed_size_, packed_at_};
    ZSTD_outBuffer out{plain_.data(), plain_.size(), 0};
    const std::size_t before = in.pos;
    const std::size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) {
      (void)end(Ending::damaged, ZSTD_getErrorName(left));
      return false;
    }
    if (in.pos != before || out.pos != 0) {  // without input it asks for the next frame
      zstd_done_ = left == 0;
    }
    packed_at_ = in.pos;
    plain_size_ = out.pos;
    if (plain_size_ == 0 && in.pos == before && (packed_at_ < packed_size_ || !read_file())) {
      return false;
    }
  }
  return true;
}

// Only when all of what was read before is used.
bool RecordingReader::read_file() {
  ssize_t got = -1;
  do {
    got = ::read(file_.get(), packed_.data(), packed_.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    (void)end(Ending::damaged, "it cannot be read: " + std::generic_category().message(errno));
    return false;
  }
  packed_at_ = 0;
  packed_size_ = static_cast<std::size_t>(got);
  file_bytes_ += packed_size_;
  return got > 0;
}

}  // namespace bongsu
