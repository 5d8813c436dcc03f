// SPDX-License-Identifier: Apache-2.0
//
// What a recording holds of the host's answers, and what stands for the host in a replay and gives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "identity/cgroup_resolver.h"
#include "identity/container_facts.h"
#include "identity/proc_reader.h"

namespace bongsu {

// What the recording tells before a record that makes identity ask. Identity asks the same questions in the same order;
// what it does not ask is forgotten with the record.
class ReplayAnswers {
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
  struct Container {
    std::string id;
    std::optional<ContainerFacts> facts;
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
  [[nodiscard]] bool add(Container answer) {
    containers.push_back(std::move(answer));
    return containers.size() <= kMost;
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
    containers.clear();
  }

  std::deque<Cgroup> cgroups;
  std::deque<Process> processes;
  std::deque<Container> containers;
  std::uint64_t unanswered = 0;

 private:
  static constexpr std::size_t kMost = 4096;  // ProcessTable looks for 256 lost processes at a time
  Process taken_;
};

class ReplayResolver final : public CgroupResolver {
 public:
  explicit ReplayResolver(std::shared_ptr<ReplayAnswers> answers) : answers_(std::move(answers)) {}
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
  std::shared_ptr<ReplayAnswers> answers_;
};

class ReplayProcReader final : public ProcReader {
 public:
  explicit ReplayProcReader(std::shared_ptr<ReplayAnswers> answers) : answers_(std::move(answers)) {}
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
  std::shared_ptr<ReplayAnswers> answers_;
};

class ReplayContainerReader final : public ContainerReader {
 public:
  explicit ReplayContainerReader(std::shared_ptr<ReplayAnswers> answers) : answers_(std::move(answers)) {}
  [[nodiscard]] std::optional<ContainerFacts> read(std::string_view id, std::string_view /*runtime*/) override {
    while (!answers_->containers.empty()) {
      auto answer = std::move(answers_->containers.front());
      answers_->containers.pop_front();
      if (answer.id == id) {
        return std::move(answer.facts);
      }
    }
    ++answers_->unanswered;
    return std::nullopt;
  }

 private:
  std::shared_ptr<ReplayAnswers> answers_;
};

}  // namespace bongsu
