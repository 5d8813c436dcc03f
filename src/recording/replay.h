// SPDX-License-Identifier: Apache-2.0
//
// A recording played again: the records go through identity as they did then, with the answers that the host gave then,
// and come out as the same events in the same order.
//
//   auto done = replay_events("incident.rec", [&](const EventView& event) { ... });
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "events/event_view.h"
#include "identity/agent_event.h"
#include "identity/identity.h"
#include "recording/reader.h"

namespace bongsu {

class ReplayAnswers;

struct ReplaySummary {
  std::uint64_t records = 0;
  std::uint64_t events = 0;       // that came of them, and agent events
  std::uint64_t bytes = 0;        // of frames
  std::uint64_t file_bytes = 0;   // compressed
  std::uint64_t lost_frames = 0;  // told by the recording: the disk was too slow for them
  std::uint64_t lost_events = 0;  // told by the recording: they never reached it
  std::uint64_t unanswered = 0;   // identity asked what the recording has no answer to: it was cut, or has gaps
  std::uint64_t reloads = 0;      // of the rules, while it was recorded
  bool limit = false;             // the recording ended at its largest size
  std::string broken = {};        // why it ends before its end; empty: it does not
};

class Replay {
 public:
  struct Handlers {
    // What they are given is good only during the call. Any of them may be empty.
    std::function<void(const LiveEvent&)> on_event;
    // `kept_from` names a sink that was not told, for it was about that one; else it is empty.
    std::function<void(const AgentEvent&, std::string_view kept_from)> on_agent;
    std::function<void(std::int64_t boot_ns, std::int64_t wall_ns)> on_tick;  // what is due by time
    std::function<void()> on_flush;                                           // what is held back is told
    std::function<bool()> stop;                                               // asked at each tick
  };

  // Fails for what is no recording, and for one of another version.
  [[nodiscard]] static Result<std::unique_ptr<Replay>> open(const std::filesystem::path& path);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  [[nodiscard]] const RecordingHeader& header() const { return reader_->header(); }
  // To the end, or up to where the file breaks off. Called once.
  [[nodiscard]] ReplaySummary run(const Handlers& handlers);

 private:
  explicit Replay(std::unique_ptr<RecordingReader> reader);
  [[nodiscard]] bool play(const Frame& frame, const Handlers& handlers);
  [[nodiscard]] bool play_record(const Frame& frame, const Handlers& handlers);
  [[nodiscard]] bool play_agent(const Frame& frame, const Handlers& handlers);

  std::unique_ptr<RecordingReader> reader_;
  std::shared_ptr<ReplayAnswers> answers_;  // shared with identity's resolver and readers
  std::unique_ptr<Identity> identity_;
  ReplaySummary summary_;
  bool stopped_ = false;
};

// Every event of a recording, agent events among them, in order.
[[nodiscard]] Result<ReplaySummary> replay_events(const std::filesystem::path& path,
                                                  const std::function<void(const EventView&)>& on_event);

}  // namespace bongsu
