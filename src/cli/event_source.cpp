// SPDX-License-Identifier: Apache-2.0
#include "cli/event_source.h"

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <numeric>
#include <utility>

#include "recording/recording_answers.h"

namespace bongsu {

Result<std::unique_ptr<EventSource>> EventSource::open(const SensorOptions& options, const Clock& clock,
                                                       EventHandler handle, Recorder* recorder,
                                                       const IdentitySettings& settings) {
  auto identity = Identity::Options::of_host(options.proc, clock, settings);
  if (!identity) {
    return tl::make_unexpected(identity.error());
  }
  auto sensor = Sensor::open(options, clock);
  if (!sensor) {
    return tl::make_unexpected(sensor.error());
  }
  if (recorder != nullptr) {
    record_answers(*identity, *recorder, clock.wall_ns());
  }
  return std::unique_ptr<EventSource>(
      new EventSource(std::move(*sensor), std::move(*identity), clock, std::move(handle), recorder));
}

EventSource::EventSource(std::unique_ptr<Sensor> sensor, Identity::Options identity, const Clock& clock,
                         EventHandler handle, Recorder* recorder)
    : clock_(clock),
      sensor_(std::move(sensor)),
      identity_(std::move(identity)),
      handle_(std::move(handle)),
      recorder_(recorder),
      on_record_([this](std::span<const std::byte> bytes) { on_record(bytes); }) {}

// The wall clock may be set while the boot clock goes on. Only a real step is followed: small differences come from
// reading two clocks one after the other, and would put an effect before its cause.
void EventSource::follow_clock() {
  constexpr std::int64_t kStepNs = 1'000'000;
  const std::int64_t before_ns = clock_.boot_ns();
  const std::int64_t offset_ns = clock_.wall_ns() - before_ns;
  const bool steady = clock_.boot_ns() - before_ns < kStepNs / 2;  // not interrupted between the two
  if (steady && std::abs(offset_ns - identity_.host().wall_minus_boot_ns) > kStepNs) {
    identity_.set_wall_minus_boot_ns(offset_ns);
    if (recorder_ != nullptr) {
      recorder_->offset(offset_ns);
    }
  }
}

void EventSource::on_record(std::span<const std::byte> bytes) {
  const std::optional<Record> record = Record::decode(bytes);
  if (!record) {
    ++malformed_;
    return;
  }
  if (feed_ != nullptr && feed_->any()) {
    learn_pods();
  }
  const LiveEvent* event = identity_.observe(*record);
  if (recorder_ != nullptr) {
    recorder_->record(record->bytes());
  }
  if (event != nullptr) {
    handle_(*event);
  }
}

Status EventSource::snapshot() { return sensor_->snapshot(on_record_); }

Status EventSource::poll(int timeout_ms, int wake_fd) {
  follow_clock();
  const auto count = sensor_->poll(timeout_ms, wake_fd, on_record_);
  return count ? Status{} : tl::make_unexpected(count.error());
}

void EventSource::listen(PodFeed* feed, std::function<void(const PodChange&)> on_pod) {
  feed_ = feed;
  on_pod_ = std::move(on_pod);
}

void EventSource::learn_pods() {
  if (feed_ == nullptr) {
    return;
  }
  feed_->take(news_);
  for (PodChange& change : news_) {
    change = bounded(std::move(change));
    if (recorder_ != nullptr) {
      recorder_->pod(change);
    }
    identity_.learn(change);
    on_pod_(change);
  }
  news_.clear();
}

void EventSource::finish() {
  sensor_->detach();
  sensor_->drain(on_record_);
}

std::uint64_t EventSource::lost() const {
  const bongsu_counters counters = sensor_->counters();
  std::uint64_t lost = malformed_;
  for (const auto& of_event : counters.lost) {
    lost = std::accumulate(std::begin(of_event), std::end(of_event), lost);
  }
  return lost;
}

}  // namespace bongsu
