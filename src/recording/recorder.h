// SPDX-License-Identifier: Apache-2.0
//
// Keeps what judging depends on, in the order in which it came: records, what the host answered about them, what the
// monitor said of itself, the passing of time. One thread tells it, the one that judges; it copies and never waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/agent_event.h"
#include "identity/cgroup_resolver.h"
#include "identity/container_facts.h"
#include "identity/pod_facts.h"
#include "recording/block_writer.h"
#include "recording/format.h"
#include "recording/mask.h"

namespace bongsu {

class Recorder {
 public:
  static constexpr std::int64_t kDefaultMaxBytes = std::int64_t{1} << 30;
  static constexpr std::int64_t kLeastMaxBytes = std::int64_t{1} << 20;  // some blocks have to fit

  struct Options {
    std::filesystem::path path;
    bool replace = false;  // a file that is there
    std::int64_t max_bytes = kDefaultMaxBytes;
    Mask mask;
    std::string scope;  // RecordingHeader::scope
  };
  // Makes the file, for its owner only: it holds the arguments of programs.
  [[nodiscard]] static Result<std::unique_ptr<Recorder>> create(Options options);

  // First, once: whose records they are. Of the header's members those about the host; the others are filled in.
  void begin(RecordingHeader host);

  void record(std::span<const std::byte> bytes);  // a whole one; after what identity asked because of it
  void cgroup(CgroupKey key, const std::optional<std::string>& path);
  void arguments(std::uint32_t pid, std::uint64_t start_ns, const std::string* text, bool truncated);  // null: gone
  void exists(std::uint32_t pid, std::uint64_t start_ns, bool there);
  void container(std::string_view id, std::string_view runtime, const std::optional<ContainerFacts>& facts);
  void pod(const PodChange& change);
  void offset(std::int64_t wall_minus_boot_ns);
  void lookup(CgroupKey key);
  void agent(EventType type, const AgentEvent::Facts& facts, std::string_view kept_from);
  void flushed();
  void reloaded();
  // All up to here can soon be read from the file.
  void tick(std::int64_t boot_ns, std::int64_t wall_ns);

  // Why nothing is recorded any more: told once.
  [[nodiscard]] std::optional<Error> take_failure();

  struct Totals {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;        // of frames, before compression
    std::uint64_t lost_frames = 0;  // the disk was too slow for them
    std::int64_t file_bytes = 0;
  };
  [[nodiscard]] Totals totals() const;

  // `lost_events` never reached the recorder. False when the disk did not take all of it in time.
  bool finish(std::uint64_t lost_events, std::chrono::steady_clock::time_point deadline);

 private:
  Recorder(Options options, std::unique_ptr<BlockWriter> writer);
  std::string& open_frame();
  void close_frame(FrameKind kind);
  void hand_over(bool flush);

  Options options_;
  std::unique_ptr<BlockWriter> writer_;
  std::string block_;
  std::size_t frame_start_ = 0;
  std::uint64_t frames_in_block_ = 0;
  std::uint64_t gap_ = 0;       // frames lost since the last block that was taken
  std::uint64_t gap_told_ = 0;  // of these: told by a gap frame at the head of the block, lost with it if it is
  bool failed_ = false;
  bool failure_told_ = false;
  std::string masked_arguments_;
  std::vector<std::uint64_t> masked_record_;  // aligned as records are
  Totals totals_;
};

}  // namespace bongsu
