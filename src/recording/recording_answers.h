// SPDX-License-Identifier: Apache-2.0
//
// Stand between identity and the host, and tell the recorder what the host answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "identity/cgroup_resolver.h"
#include "identity/container_facts.h"
#include "identity/identity.h"
#include "identity/proc_reader.h"
#include "recording/recorder.h"

namespace bongsu {

class RecordingResolver final : public CgroupResolver {
 public:
  RecordingResolver(std::unique_ptr<CgroupResolver> host, Recorder& recorder)
      : host_(std::move(host)), recorder_(recorder) {}
  [[nodiscard]] std::optional<std::string> path_of(CgroupKey key) override {
    std::optional<std::string> path = host_->path_of(key);
    recorder_.cgroup(key, path);
    return path;
  }

 private:
  std::unique_ptr<CgroupResolver> host_;
  Recorder& recorder_;
};

class RecordingProcReader final : public ProcReader {
 public:
  RecordingProcReader(std::unique_ptr<ProcReader> host, Recorder& recorder)
      : host_(std::move(host)), recorder_(recorder) {}
  [[nodiscard]] bool arguments(std::uint32_t pid, std::uint64_t start_ns, std::size_t max_bytes, std::string& out,
                               bool& truncated) override {
    const bool there = host_->arguments(pid, start_ns, max_bytes, out, truncated);
    recorder_.arguments(pid, start_ns, there ? &out : nullptr, truncated);
    return there;
  }
  [[nodiscard]] bool exists(std::uint32_t pid, std::uint64_t start_ns) override {
    const bool there = host_->exists(pid, start_ns);
    recorder_.exists(pid, start_ns, there);
    return there;
  }

 private:
  std::unique_ptr<ProcReader> host_;
  Recorder& recorder_;
};

// Without a host's reader the answer is always that there is nothing; so a replay's, which always asks, agrees.
class RecordingContainerReader final : public ContainerReader {
 public:
  RecordingContainerReader(std::unique_ptr<ContainerReader> host, Recorder& recorder)
      : host_(std::move(host)), recorder_(recorder) {}
  [[nodiscard]] std::optional<ContainerFacts> read(std::string_view id, std::string_view runtime) override {
    auto facts = host_ == nullptr ? std::nullopt : host_->read(id, runtime);
    recorder_.container(id, runtime, facts);
    return facts;
  }
  [[nodiscard]] Counters counters() const override { return host_ == nullptr ? Counters{} : host_->counters(); }

 private:
  std::unique_ptr<ContainerReader> host_;
  Recorder& recorder_;
};

// The identity's options with the recorder between it and its host; begins the recording.
inline void record_answers(Identity::Options& options, Recorder& recorder, std::int64_t wall_ns) {
  recorder.begin({.program = {},
                  .layout = {},
                  .host_name = options.host_name,
                  .boot_id = options.boot_id,
                  .node_name = options.node_name,
                  .pods_expected = options.pods_expected,
                  .wall_minus_boot_ns = options.wall_minus_boot_ns,
                  .begun_ns = wall_ns,
                  .scope = {},
                  .masked = {}});
  options.resolver = std::make_unique<RecordingResolver>(std::move(options.resolver), recorder);
  options.reader = std::make_unique<RecordingProcReader>(std::move(options.reader), recorder);
  options.containers = std::make_unique<RecordingContainerReader>(std::move(options.containers), recorder);
}

}  // namespace bongsu
