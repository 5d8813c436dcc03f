// SPDX-License-Identifier: Apache-2.0
#include "recording/replay.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "recording/packing.h"

namespace bongsu {

// What the recording tells before a record that makes identity ask. Identity asks the same questions in the same order;
// what it does not ask is forgotten with the record.
class Replay::Answers {
 public:
  struct Cgroup {
    CgroupKey key;
    std::optional<std::string> path;
  };
  struct Process {
    std::uint32_t pid = 0;
    std::uint64_t start_ns = 0;
    bool about_arguments = false;
    bool there = false;
    bool truncated = false;
    std::string arguments;
  };

  // False: more than any record makes identity ask.
  [[nodiscard]] bool add(Cgroup answer) {
    cgroups.push_back(std::move(answer));
    return cgroups.size() <= kMost;
  }
  [[nodiscard]] bool add(Process answer) {
    processes.push_back(std::move(answer));
    return processes.size() <= kMost;
  }
  [[nodiscard]] const Process* take(std::uint32_t pid, std::uint64_t start_ns, bool about_arguments) {
    while (!processes.empty()) {
      taken_ = std::move(processes.front());
      processes.pop_front();
      if (taken_.pid == pid && taken_.start_ns == start_ns && taken_.about_arguments == about_arguments) {
        return &taken_;
      }
    }
    ++unanswered;
    return nullptr;
  }
  void clear() {
    cgroups.clear();
    processes.clear();
  }

  std::deque<Cgroup> cgroups;
  std::deque<Process> processes;
  std::uint64_t unanswered = 0;

 private:
  static constexpr std::size_t kMost = 4096;  // ProcessTable looks for 256 lost processes at a time
  Process taken_;
};

namespace {

// The two are added up, whatever the file says: 73 years since boot, and a wall clock that says 2116, leave room.
constexpr std::uint64_t kLatestNs = std::uint64_t{1} << 61;
constexpr std::int64_t kLargestOffsetNs = std::int64_t{1} << 62;

std::int64_t sane_offset(std::int64_t offset_ns) { return std::clamp(offset_ns, -kLargestOffsetNs, kLargestOffsetNs); }

template <typename Answers>
class ReplayResolver final : public CgroupResolver {
 public:
  explicit ReplayResolver(std::shared_ptr<Answers> answers) : answers_(std::move(answers)) {}
  [[nodiscard]] std::optional<std::string> path_of(CgroupKey key) override {
    while (!answers_->cgroups.empty()) {
      auto answer = std::move(answers_->cgroups.front());
      answers_->cgroups.pop_front();
      if (answer.key == key) {
        return std::move(answer.path);
      }
    }
    ++answers_->unanswered;
    return std::nullopt;
  }

 private:
  std::shared_ptr<Answers> answers_;
};

template <typename Answers>
class ReplayProcReader final : public ProcReader {
 public:
  explicit ReplayProcReader(std::shared_ptr<Answers> answers) : answers_(std::move(answers)) {}
  [[nodiscard]] bool arguments(std::uint32_t pid, std::uint64_t start_ns, std::size_t max_bytes, std::string& out,
                               bool& truncated) override {
    const auto* answer = answers_->take(pid, start_ns, true);
    truncated = answer != nullptr && answer->truncated;
    if (answer == nullptr || !answer->there) {
      out.clear();
      return false;
    }
    out.assign(answer->arguments, 0, max_bytes);
    return true;
  }
  [[nodiscard]] bool exists(std::uint32_t pid, std::uint64_t start_ns) override {
    const auto* answer = answers_->take(pid, start_ns, false);
    return answer == nullptr || answer->there;
  }

 private:
  std::shared_ptr<Answers> answers_;
};

}  // namespace

Result<std::unique_ptr<Replay>> Replay::open(const std::filesystem::path& path) {
  auto reader = RecordingReader::open(path);
  if (!reader) {
    return tl::make_unexpected(reader.error());
  }
  return std::unique_ptr<Replay>(new Replay(std::move(*reader)));
}

Replay::Replay(std::unique_ptr<RecordingReader> reader)
    : reader_(std::move(reader)), answers_(std::make_shared<Answers>()) {
  Identity::Options options;
  options.host_name = header().host_name;
  options.boot_id = header().boot_id;
  options.wall_minus_boot_ns = sane_offset(header().wall_minus_boot_ns);
  options.resolver = std::make_unique<ReplayResolver<Answers>>(answers_);
  options.reader = std::make_unique<ReplayProcReader<Answers>>(answers_);
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
      Answers::Process answer;
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
