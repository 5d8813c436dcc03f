// SPDX-License-Identifier: Apache-2.0
//
// A queued sink with a channel that does what the test says.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sinks/queued.h"
#include "support/sink_support.h"

namespace bongsu {

// A channel that does what the test says, and holds still while its gate is shut.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  bool interrupted = false;
  std::deque<Attempt> next;        // then: delivered
  std::vector<std::string> tried;  // ids, in order; of a batch joined by +
  bool inside = false;             // an attempt waits at the gate

  void set_open(bool value) {
    const std::lock_guard lock(mutex);
    open = value;
    changed.notify_all();
  }
  std::vector<std::string> ids() {
    const std::lock_guard lock(mutex);
    return tried;
  }
  void await_inside() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return inside; });
  }
};

class ScriptedChannel final : public Channel {
 public:
  explicit ScriptedChannel(Script& script) : script_(script) {}
  Attempt send(Alerts alerts) override {
    std::unique_lock lock(script_.mutex);
    std::string ids;
    for (const auto& alert : alerts) {
      ids += (ids.empty() ? "" : "+") + alert->id;
    }
    script_.tried.push_back(ids);
    script_.inside = true;
    script_.changed.notify_all();
    script_.changed.wait(lock, [this] { return script_.open || script_.interrupted; });
    script_.inside = false;
    if (!script_.open) {
      return Attempt::retry("");
    }
    if (script_.next.empty()) {
      return {};
    }
    const Attempt attempt = script_.next.front();
    script_.next.pop_front();
    return attempt;
  }
  void interrupt() override {
    const std::lock_guard lock(script_.mutex);
    script_.interrupted = true;
    script_.changed.notify_all();
  }

 private:
  Script& script_;
};

class Queued : public testing::Test {
 protected:
  QueuedSink::Options options(std::size_t max_alerts = 100, std::size_t max_bytes = 1 << 20) {
    QueuedSink::Options options;
    options.name = "test";
    options.retry = {std::chrono::milliseconds(1), std::chrono::milliseconds(2)};
    options.max_alerts = max_alerts;
    options.max_bytes = max_bytes;
    options.log = lines_.writer();
    return options;
  }
  std::unique_ptr<QueuedSink> make(QueuedSink::Options options, std::unique_ptr<Backlog> inherited = nullptr) {
    auto sink =
        std::make_unique<QueuedSink>(std::move(options), std::make_unique<ScriptedChannel>(script_), clock_, random_);
    sink->set_filter({.min_severity = Severity::low, .tags = {}});
    sink->start(std::move(inherited));
    return sink;
  }
  std::unique_ptr<QueuedSink> make(std::size_t max_alerts = 100, std::size_t max_bytes = 1 << 20) {
    return make(options(max_alerts, max_bytes));
  }
  HandClock clock_;
  SystemRandom random_;
  Lines lines_;
  Script script_;
};

}  // namespace bongsu
