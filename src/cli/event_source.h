// SPDX-License-Identifier: Apache-2.0
//
// The front half of the way, which `run` and `trace` share: sensor -> events -> identity. Owns those rooms; one thread
// uses it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/identity.h"
#include "kubernetes/pod_feed.h"
#include "recording/recorder.h"
#include "sensor/sensor.h"

namespace bongsu {

using EventHandler = std::function<void(const LiveEvent&)>;

class EventSource {
 public:
  // Loads and attaches. `handle` gets each event in order, on the thread that calls the functions below; what it
  // borrows is good only during the call. `recorder`, borrowed, is told of all that the events depend on; null: none.
  [[nodiscard]] static Result<std::unique_ptr<EventSource>> open(const SensorOptions& options, const Clock& clock,
                                                                 EventHandler handle, Recorder* recorder = nullptr,
                                                                 const IdentitySettings& settings = {});

  // Learns every process there is. Called once, first.
  [[nodiscard]] Status snapshot();
  // Waits for records, `wake_fd` or the time-out, and handles what there is.
  [[nodiscard]] Status poll(int timeout_ms, int wake_fd);
  // Where the news of this node's pods comes from, and who is told of each once identity has learnt it; null: nowhere.
  // Between two calls of the others.
  void listen(PodFeed* feed, std::function<void(const PodChange&)> on_pod);
  // Learns what news there is. Once a second at least; besides it is done before each record.
  void learn_pods();
  // Detaches the probes and handles all that is still on its way.
  void finish();

  [[nodiscard]] const Sensor& sensor() const { return *sensor_; }
  [[nodiscard]] Sensor& sensor() { return *sensor_; }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] Identity& identity() { return identity_; }
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }  // records that were none: never, but counted
  [[nodiscard]] std::uint64_t lost() const;  // events that the kernel side could not tell, of any kind

 private:
  EventSource(std::unique_ptr<Sensor> sensor, Identity::Options identity, const Clock& clock, EventHandler handle,
              Recorder* recorder);
  void on_record(std::span<const std::byte> bytes);
  void follow_clock();

  const Clock& clock_;
  std::unique_ptr<Sensor> sensor_;
  Identity identity_;
  EventHandler handle_;
  Recorder* recorder_;
  RecordHandler on_record_;
  PodFeed* feed_ = nullptr;
  std::function<void(const PodChange&)> on_pod_;
  std::vector<PodChange> news_;
  std::uint64_t malformed_ = 0;
};

}  // namespace bongsu
