// SPDX-License-Identifier: Apache-2.0
//
// A small run to record: a few processes, one that was there before, one in a container that only the host knows.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/event_json.h"
#include "recording/recorder.h"
#include "recording/recording_answers.h"
#include "recording/replay.h"
#include "support/record_builder.h"

namespace bongsu::test {

inline constexpr std::int64_t kOffsetNs = 1'795'246'460'000'000'000;
inline constexpr const char* kContainer = "4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a";

class FakeResolver final : public CgroupResolver {
 public:
  [[nodiscard]] std::optional<std::string> path_of(CgroupKey key) override {
    return key.id == 77 ? std::optional("/docker/" + std::string(kContainer)) : std::nullopt;
  }
};

class FakeProc final : public ProcReader {
 public:
  [[nodiscard]] bool arguments(std::uint32_t pid, std::uint64_t, std::size_t, std::string& out,
                               bool& truncated) override {
    out.assign("old\0hushed", 10);
    truncated = pid == 20;
    return true;
  }
  [[nodiscard]] bool exists(std::uint32_t, std::uint64_t) override { return true; }
};

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bongsu-recording-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string line_of(const EventView& event) {
  std::string line;
  append_event_json(line, event);
  return line;
}

inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

// Does it live and records it; the events as JSON.
inline std::vector<std::string> record_run(Recorder& recorder, int programs = 3) {
  Identity::Options options;
  options.host_name = "node-1";
  options.boot_id = "0a0b0c0d-0000-4000-8000-000000000001";
  options.wall_minus_boot_ns = kOffsetNs;
  options.resolver = std::make_unique<FakeResolver>();
  options.reader = std::make_unique<FakeProc>();
  record_answers(options, recorder, kOffsetNs);
  Identity identity(std::move(options));
  std::vector<std::string> lines;
  const auto take = [&](const RecordBuilder& builder) {
    const Record record = builder.record();
    const LiveEvent* event = identity.observe(record);
    recorder.record(record.bytes());
    if (event != nullptr) {
      lines.push_back(line_of(*event));
    }
  };
  take(RecordBuilder::snapshot({20, kSecond}).program("/usr/sbin/old").cgroup_v2(77).at(2 * kSecond));
  for (int i = 0; i < programs; ++i) {
    const Who child{static_cast<std::uint32_t>(100 + i), (3 + static_cast<std::uint64_t>(i)) * kSecond};
    take(RecordBuilder::fork(child, {20, kSecond}).cgroup_v2(77));
    take(RecordBuilder::exec(child)
             .program("/bin/cat", "/bin/cat")
             .args({"cat", "password=hushed", std::to_string(i)})
             .directory("/hushed")
             .comm("cat")
             .cgroup_v2(i == 1 ? 78 : 77));
    if (i == 1) {
      identity.set_wall_minus_boot_ns(kOffsetNs + 5);
      recorder.offset(kOffsetNs + 5);
    }
    take(RecordBuilder::exit(child).at(child.start_ns + 2).cgroup_v2(77));
  }
  const AgentEvent::Facts facts{
      .host_name = "node-1", .wall_ns = kOffsetNs, .event = "open", .reason = "ring_full", .count = 7};
  recorder.agent(EventType::drop, facts, "webhook-1");
  lines.push_back(line_of(AgentEvent(EventType::drop, facts)));
  recorder.tick(9, 10);
  return lines;
}

inline std::unique_ptr<Recorder> recorder_at(const std::filesystem::path& path, Recorder::Options options = {}) {
  options.path = path;
  auto recorder = Recorder::create(std::move(options));
  EXPECT_TRUE(recorder.has_value()) << recorder.error().to_string();
  return recorder ? std::move(*recorder) : nullptr;
}

struct Replayed {
  std::vector<std::string> lines;
  ReplaySummary summary;
};

inline Replayed replay(const std::filesystem::path& path) {
  Replayed result;
  const auto done = replay_events(path, [&result](const EventView& event) { result.lines.push_back(line_of(event)); });
  EXPECT_TRUE(done.has_value()) << done.error().to_string();
  result.summary = done.value_or(ReplaySummary{});
  return result;
}

}  // namespace bongsu::test
