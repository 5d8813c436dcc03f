// SPDX-License-Identifier: Apache-2.0
#include "recording/recorder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/packing.h"
#include "base/unique_fd.h"
#include "base/version.h"
#include "identity/pod_table.h"
#include "recording/facts_json.h"

namespace bongsu {
namespace {

constexpr mode_t kOwnerOnly = 0600;

Result<UniqueFd> make_file(const Recorder::Options& options) {
  const int what = options.replace ? O_TRUNC : O_EXCL;
  UniqueFd file(::open(options.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | what, kOwnerOnly));
  if (!file) {
    const int error = errno;
    if (error == EEXIST) {
      return fail(options.path.string() + " is there already", "name another file, or remove it");
    }
    return fail_errno("cannot write " + options.path.string(), error);
  }
  // One that was there keeps its mode; a pipe or device has no mode of ours.
  struct stat status{};
  if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && ::fchmod(file.get(), kOwnerOnly) != 0) {
    return fail_errno("cannot keep " + options.path.string() + " to its owner", errno);
  }
  return file;
}

std::string end_frame(RecordingEnd why, std::uint64_t lost_events) {
  std::string payload;
  Packer(payload).number(static_cast<std::uint32_t>(why)).number(lost_events);
  std::string frame;
  Packer(frame).number(static_cast<std::uint32_t>(payload.size())).number(static_cast<std::uint32_t>(FrameKind::end));
  return frame + payload;
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::create(Options options) {
  auto file = make_file(options);
  if (!file) {
    return tl::make_unexpected(file.error());
  }
  std::string head(kRecordingMagic);
  Packer(head).number(kRecordingVersion);
  if (::write(file->get(), head.data(), head.size()) != static_cast<ssize_t>(head.size())) {
    return fail_errno("cannot write " + options.path.string(), errno);
  }
  auto writer = BlockWriter::start(
      std::move(*file), static_cast<std::int64_t>(head.size()),
      {.name = options.path.string(), .max_bytes = options.max_bytes, .at_limit = end_frame(RecordingEnd::limit, 0)});
  if (!writer) {
    return tl::make_unexpected(writer.error());
  }
  return std::unique_ptr<Recorder>(new Recorder(std::move(options), std::move(*writer)));
}

Recorder::Recorder(Options options, std::unique_ptr<BlockWriter> writer)
    : options_(std::move(options)), writer_(std::move(writer)) {
  block_.reserve(BlockWriter::kMaxBlockBytes + kMaxFrameBytes);
}

// The head is filled in when the size is known.
std::string& Recorder::open_frame() {
  frame_start_ = block_.size();
  block_.append(sizeof(FrameHead), '\0');
  return block_;
}

void Recorder::close_frame(FrameKind kind) {
  const std::size_t size = block_.size() - frame_start_ - sizeof(FrameHead);
  if (size > kMaxFrameBytes || failed_) {  // larger: nothing is, but the reader would take it for damage
    block_.resize(frame_start_);
    gap_ += failed_ ? 0 : 1;
    totals_.lost_frames += failed_ ? 0 : 1;
    return;
  }
  const FrameHead head{static_cast<std::uint32_t>(size), kind};
  std::memcpy(block_.data() + frame_start_, &head, sizeof head);
  totals_.bytes += sizeof head + size;
  ++frames_in_block_;
  if (block_.size() >= BlockWriter::kMaxBlockBytes) {
    hand_over(false);
  }
}

// A block that finds no room is lost when it is full; until then it waits for the next chance.
void Recorder::hand_over(bool flush) {
  if (!writer_->push(block_, flush)) {
    if (block_.size() < BlockWriter::kMaxBlockBytes) {
      return;
    }
    const std::uint64_t lost = frames_in_block_ - (gap_told_ > 0 ? 1 : 0);
    gap_ += gap_told_ + lost;
    totals_.lost_frames += lost;
    block_.clear();
  }
  frames_in_block_ = 0;
  gap_told_ = std::exchange(gap_, 0);
  if (gap_told_ > 0) {
    Packer(open_frame()).number(gap_told_);
    close_frame(FrameKind::gap);
  }
}

void Recorder::begin(RecordingHeader host) {
  host.program = version();
  host.layout = recording_layout();
  host.scope = options_.scope;
  host.masked = options_.mask.names();
  open_frame() += header_json(host);
  close_frame(FrameKind::header);
  hand_over(true);
}

void Recorder::record(std::span<const std::byte> bytes) {
  open_frame().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!options_.mask.empty()) {
    // The block's memory is not aligned as a record's has to be.
    masked_record_.resize(std::max(masked_record_.size(), (bytes.size() + 7) / 8));
    const std::span copy = std::as_writable_bytes(std::span(masked_record_)).first(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    options_.mask.apply(copy);
    std::memcpy(block_.data() + frame_start_ + sizeof(FrameHead), copy.data(), bytes.size());
  }
  totals_.records += failed_ ? 0 : 1;
  close_frame(FrameKind::record);
}

void Recorder::cgroup(CgroupKey key, const std::optional<std::string>& path) {
  Packer(open_frame())
      .number(key.hierarchy)
      .number(key.id)
      .number(std::uint8_t{path.has_value()})
      .text(path ? std::string_view(*path) : std::string_view{});
  close_frame(FrameKind::cgroup);
}

void Recorder::arguments(std::uint32_t pid, std::uint64_t start_ns, const std::string* text, bool truncated) {
  masked_arguments_ = text == nullptr ? "" : *text;
  options_.mask.apply_to_arguments(masked_arguments_);
  Packer(open_frame())
      .number(pid)
      .number(start_ns)
      .number(static_cast<std::uint8_t>(text != nullptr ? 1 : 0))
      .number(static_cast<std::uint8_t>(truncated ? 1 : 0))
      .text(masked_arguments_);
  close_frame(FrameKind::arguments);
}

void Recorder::exists(std::uint32_t pid, std::uint64_t start_ns, bool there) {
  Packer(open_frame()).number(pid).number(start_ns).number(static_cast<std::uint8_t>(there ? 1 : 0));
  close_frame(FrameKind::exists);
}

void Recorder::container(std::string_view id, std::string_view runtime, const std::optional<ContainerFacts>& facts) {
  Packer(open_frame()).text(id).text(runtime).text(facts ? container_facts_json(*facts) : std::string());
  close_frame(FrameKind::container);
}

void Recorder::pod(const PodChange& change) {
  open_frame() += pod_change_json(bounded(change));
  close_frame(FrameKind::pod);
}

void Recorder::offset(std::int64_t wall_minus_boot_ns) {
  Packer(open_frame()).number(wall_minus_boot_ns);
  close_frame(FrameKind::offset);
}

void Recorder::lookup(CgroupKey key) {
  Packer(open_frame()).number(key.hierarchy).number(key.id);
  close_frame(FrameKind::lookup);
}

void Recorder::agent(EventType type, const AgentEvent::Facts& facts, std::string_view kept_from) {
  Packer(open_frame())
      .text(info(type).name)
      .text(facts.host_name)
      .number(facts.wall_ns)
      .text(facts.event)
      .text(facts.reason)
      .number(facts.count)
      .text(facts.container_id)
      .text(facts.container_runtime)
      .text(facts.container_name)
      .text(facts.pod_namespace)
      .text(facts.pod_name)
      .text(facts.pod_uid)
      .number(facts.gap_start_ns)
      .number(facts.gap_end_ns)
      .text(kept_from);
  close_frame(FrameKind::agent);
}

void Recorder::flushed() {
  open_frame();
  close_frame(FrameKind::flush);
}

void Recorder::reloaded() {
  open_frame();
  close_frame(FrameKind::reload);
}

void Recorder::tick(std::int64_t boot_ns, std::int64_t wall_ns) {
  Packer(open_frame()).number(boot_ns).number(wall_ns);
  close_frame(FrameKind::tick);
  if (!failed_) {
    hand_over(true);
  }
}

std::optional<Error> Recorder::take_failure() {
  if (failure_told_) {
    return std::nullopt;
  }
  auto failure = writer_->failure();
  failed_ = failure_told_ = failure.has_value();
  return failure;
}

Recorder::Totals Recorder::totals() const {
  Totals totals = totals_;
  totals.file_bytes = writer_->file_bytes();
  return totals;
}

bool Recorder::finish(std::uint64_t lost_events, std::chrono::steady_clock::time_point deadline) {
  if (!failed_) {
    block_ += end_frame(RecordingEnd::finished, lost_events);
  }
  return writer_->finish(std::move(block_), deadline);
}

}  // namespace bongsu
