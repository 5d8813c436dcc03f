// SPDX-License-Identifier: Apache-2.0
//
// The whole way of `bongsu run`: sensor -> events -> identity -> rules -> alert -> sinks. The only place that wires
// rooms together. One thread reads, judges and words; each sink delivers on its own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alert/builder.h"
#include "alert/redact.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/config_keeper.h"
#include "cli/event_latency.h"
#include "cli/event_source.h"
#include "cli/judge.h"
#include "cli/loss_watch.h"
#include "cli/pipeline_metrics.h"
#include "cli/refusal.h"
#include "cli/rules_keeper.h"
#include "cli/self_watch.h"
#include "cli/signals.h"
#include "cli/watch_note.h"
#include "config/config.h"
#include "control/metrics.h"
#include "identity/agent_event.h"
#include "kubernetes/pod_watch.h"
#include "recording/recorder.h"
#include "rules/engine.h"
#include "sinks/live_sinks.h"

namespace bongsu {

class Pipeline {
 public:
  struct Parts {
    ConfigKeeper& config;
    RulesKeeper& rules;
    const AlertBuilder& builder;
    LiveSinks& sinks;
    const Clock& clock;
    const Redactor* redactor = nullptr;  // the builder's; null: nothing is masked
    Recorder* recorder = nullptr;        // null: nothing is recorded
    std::optional<PodWatchOptions> api;  // none: the API server is not asked
    bool gates = true;                   // the kernel side leaves out what no rule can match
    bool confine = true;                 // once it watches, it makes no system call but those it needs
  };
  explicit Pipeline(Parts parts);

  // Attaches, learns the processes, then judges until SIGTERM or SIGINT; then everything already on its way is judged
  // and delivered, until `grace` after the signal.
  [[nodiscard]] Status run(const SensorOptions& options, const Signals& signals);

  // Any thread.
  [[nodiscard]] Status ready() const;
  [[nodiscard]] std::vector<MetricFamily> metrics() const;  // as of the last tick; of the process, as of now

 private:
  void on_event(const LiveEvent& event);
  // `again`: nobody has asked for it, it was refused before.
  void reload(bool again = false);
  bool reconfigure(bool again = false);  // whether the rules were read anew with it
  [[nodiscard]] Status follow(const Config& next);
  void gate(const Gates& gates);
  void confine();
  void tick();
  void let_time_pass();
  [[nodiscard]] std::uint64_t judged() const;  // events
  [[nodiscard]] std::shared_ptr<const Alert> word_agent_event(EventType type, const Rule& rule,
                                                              AgentEvent::Facts facts) const;
  void look_after_self(std::int64_t now_ns);
  void deliver(const std::shared_ptr<const Alert>& alert);
  void look_for_losses(bool last);
  void look_for_sink_losses(std::int64_t now_ns, const LossWatch::Tell& tell);
  void look_after_sinks(std::int64_t now_ns);
  void look_for_floods();
  void tell_degraded();
  void tell_errors(const std::string& what, std::size_t count);
  [[nodiscard]] Status watch_pods();
  void on_pod(const PodChange& change);
  void open_note();
  void tell_gap(std::int64_t watching_since_ns);
  void note(std::int64_t judged_until_ns, bool ended);
  void tell(EventType type, AgentEvent::Facts facts);
  void look_after_recording();
  void finish_recording(Deadline deadline);
  void publish_numbers();

  Parts parts_;
  Judge judge_;
  SystemRandom random_;                  // of the watch's waits
  std::unique_ptr<PodWatch> pod_watch_;  // null: the API server is not asked
  bool pods_missing_ = false;            // it does not answer, and that was told
  std::unique_ptr<EventSource> source_;
  EventLatency latency_;
  LossWatch losses_;
  LossWatch own_losses_;  // of sinks, for themselves
  SelfWatch self_watch_;
  std::optional<WatchNote> note_;  // none: nothing is kept for the next monitor
  bool note_fails_ = false;        // and that was said
  std::uint64_t refused_ = 0;      // for floods, when they were last looked for
  std::array<std::uint64_t, kEventCount> floods_told_{};
  std::set<EventType> degraded_;                   // told already
  std::set<std::string, std::less<>> in_trouble_;  // the same: what ails a sink
  Refusal rules_refused_;
  Refusal config_refused_;
  std::int64_t next_heartbeat_ns_ = 0;
  std::int64_t next_sink_retry_ns_ = 0;
  std::uint64_t judged_at_heartbeat_ = 0;
  const Sink* culprit_ = nullptr;  // the sink whose losses are being told to the others

  std::atomic<bool> ready_{false};
  mutable std::mutex published_mutex_;
  PipelineNumbers published_;  // guarded by published_mutex_
  const bool ready_degraded_;
};

}  // namespace bongsu
