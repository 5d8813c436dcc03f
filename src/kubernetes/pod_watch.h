// SPDX-License-Identifier: Apache-2.0
//
// The pods of this node as the API server tells them, kept up to date by a thread of its own until it is stopped. It
// never polls: one list, then a watch; what goes wrong is tried again with growing, random waits, so that ten thousand
// nodes do not come back in step and no server is asked in a loop, whatever it answers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "http/backoff.h"
#include "kubernetes/api_client.h"
#include "kubernetes/pause.h"
#include "kubernetes/pod_feed.h"
#include "kubernetes/pod_follower.h"
#include "kubernetes/watch_numbers.h"

namespace bongsu {

struct PodWatchOptions {
  ApiClient::Server server;
  std::string node;
  std::vector<std::string> labels;       // which are kept: names, `*` at the end stands for anything
  std::vector<std::string> annotations;  // the same
  RetryPolicy retry{std::chrono::milliseconds(500), std::chrono::seconds(30)};
};

class PodWatch {
 public:
  // Two watches begin at least this far apart, however well the first one did.
  static constexpr std::int64_t kPaceNs = 1'000'000'000;

  // Borrows clock and randomness. `pause` is how it waits.
  [[nodiscard]] static Result<std::unique_ptr<PodWatch>> start(
      const PodWatchOptions& options, const Clock& clock, Random& random,
      std::unique_ptr<Pause> pause = std::make_unique<TimedPause>());
  PodWatch(const PodWatch&) = delete;
  PodWatch& operator=(const PodWatch&) = delete;
  ~PodWatch();  // stops it and waits for its thread: well under a second

  void stop();  // any thread; does not wait

  [[nodiscard]] PodFeed& feed() { return feed_; }
  [[nodiscard]] PodWatchNumbers numbers() const;  // any thread
  [[nodiscard]] std::string status() const;       // one line for a person; any thread

 private:
  PodWatch(const PodWatchOptions& options, const Clock& clock, Random& random, std::unique_ptr<Pause> pause);
  void run();
  [[nodiscard]] std::chrono::nanoseconds judge(const PodFollower::Turn& turn, std::int64_t begun_ns);
  void tell_trouble(const ApiAnswer& answer);

  const PodWatchOptions options_;
  const Clock& clock_;
  Random& random_;
  const std::unique_ptr<Pause> pause_;
  PodFeed feed_;
  WatchLedger ledger_;
  ApiClient client_;
  PodFollower follower_;
  std::atomic<bool> stopped_{false};
  unsigned failures_ = 0;           // in a row
  ApiError told_ = ApiError::none;  // in the log, since it last worked
  std::thread thread_;
};

}  // namespace bongsu
