// SPDX-License-Identifier: Apache-2.0
#include "recording/replay.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/packing.h"
#include "recording/facts_json.h"
#include "recording/replay_answers.h"

namespace bongsu {

namespace {

// The two are added up, whatever the file says: 73 years since boot, and a wall clock that says 2116, leave room.
constexpr std::uint64_t kLatestNs = std::uint64_t{1} << 61;
constexpr std::int64_t kLargestOffsetNs = std::int64_t{1} << 62;

std::int64_t sane_offset(std::int64_t offset_ns) { return std::clamp(offset_ns, -kLargestOffsetNs, kLargestOffsetNs); }

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<std::unique_ptr<Replay>> Replay::open(const std::filesystem::path& path) {
  auto reader = RecordingReader::open(path);
  if (!reader) {
    return tl::make_unexpected(reader.error());
  }
  return std::unique_ptr<Replay>(new Replay(std::move(*reader)));
}

Replay::Replay(std::unique_ptr<RecordingReader> reader)
    : reader_(std::move(reader)), answers_(std::make_shared<ReplayAnswers>()) {
  Identity::Options options;
  options.host_name = header().host_name;
  options.boot_id = header().boot_id;
  options.node_name = header().node_name;
  options.pods_expected = header().pods_expected;
  options.wall_minus_boot_ns = sane_offset(header().wall_minus_boot_ns);
  options.resolver = std::make_unique<ReplayResolver>(answers_);
  options.reader = std::make_unique<ReplayProcReader>(answers_);
  options.containers = std::make_unique<ReplayContainerReader>(answers_);
  identity_ = std::make_unique<Identity>(std::move(options));
}

Replay::~Replay() = default;

ReplaySummary Replay::run(const Handlers& handlers) {
  while (!stopped_) {
    const std::optional<Frame> frame = reader_->next();
    if (!frame) {
      break;
    }
    if (!play(*frame, handlers)) {
      reader_->refuse("a frame of kind " + std::to_string(static_cast<std::uint32_t>(frame->kind)) + " makes no sense");
      break;
    }
  }
  if (reader_->ending() == RecordingReader::Ending::cut) {
    summary_.broken = "it breaks off: whoever made it was killed, or is still at it";
  } else if (reader_->ending() == RecordingReader::Ending::damaged) {
    summary_.broken = "it is damaged: " + reader_->damage();
  }
  summary_.bytes = reader_->bytes();
  summary_.file_bytes = reader_->file_bytes();
  summary_.unanswered = answers_->unanswered;
  return summary_;
}

bool Replay::play(const Frame& frame, const Handlers& handlers) {
  Unpacker bytes(frame.bytes);
  switch (frame.kind) {
    case FrameKind::record:
      return play_record(frame, handlers);
    case FrameKind::agent:
      return play_agent(frame, handlers);
    case FrameKind::cgroup: {
      const auto hierarchy = bytes.number<std::uint32_t>();
      const CgroupKey key{hierarchy, bytes.number<std::uint64_t>()};
      const bool found = bytes.number<std::uint8_t>() != 0;
      const std::string_view path = bytes.text();
      return bytes.whole() && answers_->add({key, found ? std::optional<std::string>(path) : std::nullopt});
    }
    case FrameKind::arguments:
    case FrameKind::exists: {
      ReplayAnswers::Process answer;
      answer.about_arguments = frame.kind == FrameKind::arguments;
      answer.pid = bytes.number<std::uint32_t>();
      answer.start_ns = bytes.number<std::uint64_t>();
      answer.there = bytes.number<std::uint8_t>() != 0;
      if (answer.about_arguments) {
        answer.truncated = bytes.number<std::uint8_t>() != 0;
        answer.arguments = bytes.text();
      }
      return bytes.whole() && answers_->add(std::move(answer));
    }
    case FrameKind::container: {
      ReplayAnswers::Container answer;
      answer.id = bytes.text();
      (void)bytes.text();  // the runtime, which identity knows
      const std::string_view json = bytes.text();
      if (!json.empty()) {
        answer.facts = parse_container_facts(json);
      }
      return bytes.whole() && (json.empty() || answer.facts) && answers_->add(std::move(answer));
    }
    case FrameKind::pod: {
      const auto change = parse_pod_change(text_of(frame.bytes));
      if (change) {
        identity_->learn(*change);
      }
      return change.has_value();
    }
    case FrameKind::offset:
      identity_->set_wall_minus_boot_ns(sane_offset(bytes.number<std::int64_t>()));
      return bytes.whole();
    case FrameKind::lookup: {
      const auto hierarchy = bytes.number<std::uint32_t>();
      (void)identity_->container_of({bytes.number<std::uint64_t>(), hierarchy, 0});
      answers_->clear();
      return bytes.whole();
    }
    case FrameKind::tick: {
      const auto boot_ns = bytes.number<std::int64_t>();
      const auto wall_ns = bytes.number<std::int64_t>();
      if (bytes.whole() && handlers.on_tick) {
        handlers.on_tick(boot_ns, wall_ns);
      }
      stopped_ = handlers.stop && handlers.stop();
      return bytes.whole();
    }
    case FrameKind::flush:
      if (handlers.on_flush) {
        handlers.on_flush();
      }
      return bytes.whole();
    case FrameKind::reload:
      ++summary_.reloads;
      return bytes.whole();
    case FrameKind::gap:
      summary_.lost_frames += bytes.number<std::uint64_t>();
      return bytes.whole();
    case FrameKind::end:
      summary_.limit = bytes.number<std::uint32_t>() == static_cast<std::uint32_t>(RecordingEnd::limit);
      summary_.lost_events = bytes.number<std::uint64_t>();
      return bytes.whole();
    case FrameKind::header:
      return false;
  }
  return false;
}

bool Replay::play_record(const Frame& frame, const Handlers& handlers) {
  const std::optional<Record> record = Record::decode(frame.bytes);
  if (!record || record->header().time_ns > kLatestNs || record->task().start_ns > kLatestNs) {
    return false;
  }
  ++summary_.records;
  const LiveEvent* event = identity_->observe(*record);
  answers_->clear();
  if (event != nullptr) {
    ++summary_.events;
    if (handlers.on_event) {
      handlers.on_event(*event);
    }
  }
  return true;
}

bool Replay::play_agent(const Frame& frame, const Handlers& handlers) {
  Unpacker bytes(frame.bytes);
  const std::optional<EventType> type = find_event(bytes.text());
  AgentEvent::Facts facts;
  facts.host_name = bytes.text();
  facts.wall_ns = bytes.number<std::int64_t>();
  facts.event = bytes.text();
  facts.reason = bytes.text();
  facts.count = bytes.number<std::int64_t>();
  facts.container_id = bytes.text();
  facts.container_runtime = bytes.text();
  facts.container_name = bytes.text();
  facts.pod_namespace = bytes.text();
  facts.pod_name = bytes.text();
  facts.pod_uid = bytes.text();
  facts.gap_start_ns = bytes.number<std::int64_t>();
  facts.gap_end_ns = bytes.number<std::int64_t>();
  const std::string_view kept_from = bytes.text();
  if (!bytes.whole() || !type || !is_agent(*type)) {
    return false;
  }
  ++summary_.events;
  if (handlers.on_agent) {
    handlers.on_agent(AgentEvent(*type, std::move(facts)), kept_from);
  }
  return true;
}

Result<ReplaySummary> replay_events(const std::filesystem::path& path,
                                    const std::function<void(const EventView&)>& on_event) {
  auto replay = Replay::open(path);
  if (!replay) {
    return tl::make_unexpected(replay.error());
  }
  Replay::Handlers handlers;
  handlers.on_event = on_event;
  handlers.on_agent = [&on_event](const AgentEvent& event, std::string_view) { on_event(event); };
  return (*replay)->run(handlers);
}

}  // namespace bongsu
