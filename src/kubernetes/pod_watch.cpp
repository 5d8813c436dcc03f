// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/pod_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/strings.h"

namespace bongsu {
namespace {

using std::chrono::nanoseconds;

// Trying again soon changes nothing: somebody has to let us in.
bool is_refusal(ApiError error) { return error == ApiError::unauthorized || error == ApiError::forbidden; }

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

}  // namespace

Result<std::unique_ptr<PodWatch>> PodWatch::start(const PodWatchOptions& options, const Clock& clock, Random& random,
                                                  std::unique_ptr<Pause> pause) {
  try {
    std::unique_ptr<PodWatch> watch(new PodWatch(options, clock, random, std::move(pause)));
    watch->thread_ = std::thread([watch = watch.get()] { watch->run(); });
    return watch;
  } catch (const std::system_error& error) {
    return fail(std::string("no thread to watch the pods: ") + error.what());
  }
}

PodWatch::PodWatch(const PodWatchOptions& options, const Clock& clock, Random& random, std::unique_ptr<Pause> pause)
    : options_(options),
      clock_(clock),
      random_(random),
      pause_(std::move(pause)),
      feed_(clock),
      client_(options.server, clock),
      follower_(client_, options.node, {KeyFilter(options.labels), KeyFilter(options.annotations)}, feed_, ledger_,
                clock, random) {}

PodWatch::~PodWatch() {
  stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void PodWatch::stop() {
  stopped_ = true;
  feed_.close();
  pause_->stop();
  client_.stop();
}

void PodWatch::run() {
  while (!stopped_) {
    const std::int64_t begun_ns = clock_.boot_ns();
    const PodFollower::Turn turn = follower_.turn();
    if (stopped_) {
      return;
    }
    const nanoseconds wait = judge(turn, begun_ns);
    if (wait <= nanoseconds(0)) {
      continue;
    }
    ledger_.change([&](PodWatchNumbers& numbers) { numbers.backoff_ns = wait.count(); });
    if (!pause_->wait(wait)) {
      return;
    }
    ledger_.change([](PodWatchNumbers& numbers) { numbers.backoff_ns = 0; });
  }
}

// How long to wait before the next turn.
nanoseconds PodWatch::judge(const PodFollower::Turn& turn, std::int64_t begun_ns) {
  const ApiAnswer& answer = turn.answer;
  const nanoseconds pace(turn.watched ? kPaceNs - (clock_.boot_ns() - begun_ns) : 0);
  if (turn.gave) {
    // Not after a list: a server that lists well and ends each watch would be asked in a loop.
    failures_ = 0;
    told_ = ApiError::none;
  }
  if (answer.error == ApiError::none) {
    if (turn.watched) {
      feed_.lost("the watch has not begun anew");
    }
    return pace;
  }
  ++failures_;
  feed_.lost(answer.words, is_refusal(answer.error));
  tell_trouble(answer);
  nanoseconds wait = backoff(options_.retry, failures_, random_);
  if (is_refusal(answer.error)) {
    const auto half = static_cast<std::uint64_t>(options_.retry.max.count() / 2);
    wait = nanoseconds(static_cast<std::int64_t>(half + random_.below(half + 1)));
  }
  if (answer.retry_after) {
    wait += *answer.retry_after;  // and not all of those who were told the same at once
  }
  return std::max(wait, pace);
}

void PodWatch::tell_trouble(const ApiAnswer& answer) {
  ledger_.change([&](PodWatchNumbers& numbers) { numbers.trouble = answer.words; });
  const std::string words = printable(answer.words);
  // One failure in a row is a server that was restarted, or a version that it has dropped.
  if ((failures_ == 1 && !is_refusal(answer.error)) || told_ == answer.error) {
    log::debug("pods of {}: {}", options_.node, words);
    return;
  }
  told_ = answer.error;
  log::warn("pods of {}: {}; alerts go on without labels and owners of new pods{}", options_.node, words,
            is_refusal(answer.error) ? ". The service account needs list and watch on pods" : "");
}

PodWatchNumbers PodWatch::numbers() const {
  PodWatchNumbers numbers = ledger_.read();
  numbers.synced = feed_.synced();
  return numbers;
}

std::string PodWatch::status() const {
  const PodWatchNumbers now = numbers();
  const std::string where = fmt::format("{} at {}:{}", options_.node, options_.server.host, options_.server.port);
  if (now.synced) {
    constexpr std::int64_t kSecondNs = 1'000'000'000;
    return fmt::format("watching {} pod{} of {}, last news {} s ago", now.pods, now.pods == 1 ? "" : "s", where,
                       std::max<std::int64_t>(clock_.wall_ns() - now.last_news_wall_ns, 0) / kSecondNs);
  }
  return fmt::format("not in step with {}: {}", where, now.trouble.empty() ? "no answer yet" : printable(now.trouble));
}

}  // namespace bongsu
