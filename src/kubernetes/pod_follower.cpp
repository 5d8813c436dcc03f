// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/pod_follower.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "kubernetes/line_buffer.h"
#include "kubernetes/pod_target.h"

namespace bongsu {
namespace {

using std::chrono::seconds;

// The server sends a bookmark each minute: a watch that is silent for longer is dead.
constexpr seconds kWatchSilence{90};

ApiError error_of(const ApiStatus& status) {
  if (status.code == 410 || status.reason == "Expired" || status.reason == "Gone") {
    return ApiError::expired;
  }
  return status.code == 429 ? ApiError::throttled : ApiError::server;
}

ApiAnswer oversized(std::string words) { return ApiAnswer::wrong(ApiError::oversized, std::move(words)); }

// The server is not there, or not ours, or we are not let in: that says nothing of the version that we know.
bool is_answer(ApiError error) {
  return error == ApiError::none || error == ApiError::broken || error == ApiError::server;
}

}  // namespace

class PodFollower::PageBody final : public ApiBody {
 public:
  explicit PageBody(std::size_t most_bytes) : most_bytes_(most_bytes) {}
  bool take(std::string_view piece) override {
    too_long = text.size() + piece.size() > most_bytes_;
    if (!too_long) {
      text += piece;
    }
    return !too_long;
  }
  std::string text;
  bool too_long = false;

 private:
  const std::size_t most_bytes_;
};

class PodFollower::WatchBody final : public ApiBody {
 public:
  explicit WatchBody(PodFollower& follower) : follower_(follower) {}
  void opened() override {
    opened_ = true;
    follower_.feed_.regained();
  }
  bool take(std::string_view piece) override {
    follower_.ledger_.change([&](PodWatchNumbers& numbers) { numbers.bytes += piece.size(); });
    return lines_.add(piece, [this](std::string_view line) { return follower_.take_event(line, wrong_); });
  }
  [[nodiscard]] bool is_open() const { return opened_; }

  // What the events said goes before how the answer ended.
  [[nodiscard]] ApiAnswer judge(ApiAnswer answer) const {
    if (lines_.too_long()) {
      return oversized("the watch told something longer than 8 MiB");
    }
    if (wrong_.error != ApiError::none) {
      return wrong_;
    }
    if (answer.error == ApiError::none && lines_.within_line()) {
      return ApiAnswer::wrong(ApiError::broken, "the watch broke off within an event");
    }
    return answer;
  }

 private:
  PodFollower& follower_;
  LineBuffer lines_{kLineBytesMax};
  bool opened_ = false;
  ApiAnswer wrong_;
};

PodFollower::Turn PodFollower::turn() {
  Turn turn;
  if (need_list_) {
    turn.answer = list();
    if (turn.answer.error == ApiError::none) {
      need_list_ = false;
      from_newest_ = false;
    }
  } else {
    turn = watch();
  }
  if (turn.answer.error == ApiError::expired) {
    ledger_.change([](PodWatchNumbers& numbers) { ++numbers.relists; });
  }
  ledger_.change([&](PodWatchNumbers& numbers) {
    ++numbers.errors.at(static_cast<std::size_t>(turn.answer.error));
    numbers.objects = json_.counters();
    numbers.pods = known_.size();
    numbers.refused_pods = known_.refused();
  });
  return turn;
}

ApiAnswer PodFollower::list() {
  ledger_.change([](PodWatchNumbers& numbers) { ++numbers.lists; });
  known_.begin_list();
  const std::string version = from_newest_ ? "" : version_.empty() ? "0" : version_;
  std::string continuation;
  std::size_t bytes = 0;
  for (std::size_t pages = 0; pages == 0 || !continuation.empty(); ++pages) {
    if (pages == kPagesMax) {
      return oversized("the list of pods has more than 64 pages");
    }
    PageBody body(kListBytesMax - bytes);
    ApiAnswer answer =
        client_.get({.target = list_target(node_, version, continuation), .accept = std::string(kAcceptPods)}, body);
    bytes += body.text.size();
    ledger_.change([&](PodWatchNumbers& numbers) { numbers.bytes += body.text.size(); });
    if (body.too_long) {
      return oversized("the list of pods is longer than 64 MiB");
    }
    if (answer.error == ApiError::none) {
      answer = read_page(body.text, continuation);
    } else if (answer.error == ApiError::expired || answer.error == ApiError::rejected || answer.version_too_large) {
      from_newest_ = true;
    }
    if (answer.error != ApiError::none) {
      return answer;
    }
  }
  for (std::string& uid : known_.end_list()) {
    PodFacts gone;
    gone.uid = std::move(uid);
    if (!tell(PodChange::Kind::gone, std::move(gone))) {
      return ApiAnswer::stopped();
    }
  }
  count_news();
  return tell(PodChange::Kind::synced, {}) ? ApiAnswer{} : ApiAnswer::stopped();
}

ApiAnswer PodFollower::read_page(const std::string& text, std::string& continuation) {
  bool told = true;
  const auto page = json_.page(text, [&](PodFacts& pod) {
    if (told && known_.learn(pod)) {
      told = tell(PodChange::Kind::known, std::move(pod));
    }
  });
  if (!told) {
    return ApiAnswer::stopped();
  }
  if (!page) {
    return ApiAnswer::wrong(ApiError::malformed, page.error().message);
  }
  continuation = page->continuation;
  version_ = page->resource_version;
  return {};
}

PodFollower::Turn PodFollower::watch() {
  constexpr std::uint64_t kLeastS = 300;
  const std::uint64_t timeout_s = kLeastS + random_.below(kLeastS + 1);
  ledger_.change([](PodWatchNumbers& numbers) { ++numbers.watches; });
  const std::int64_t begun_ns = clock_.boot_ns();
  const std::string before = version_;
  WatchBody body(*this);
  ApiRequest request{.target = watch_target(node_, version_, timeout_s), .accept = std::string(kAcceptPodEvents)};
  request.silence = kWatchSilence;
  request.total = seconds(timeout_s + 30);
  Turn turn;
  turn.watched = true;
  turn.answer = body.judge(client_.get(request, body));
  turn.gave = body.is_open() && (version_ != before || clock_.boot_ns() - begun_ns >= kLastedNs);
  if (turn.answer.error == ApiError::none && !turn.gave) {
    turn.answer = ApiAnswer::wrong(ApiError::broken, "the server ended the watch at once");
  }
  look_at_failure(turn.answer, turn.gave);
  return turn;
}

// Whether to go on from where we are.
void PodFollower::look_at_failure(const ApiAnswer& answer, bool gave) {
  vain_watches_ = gave ? 0 : vain_watches_ + (is_answer(answer.error) ? 1U : 0U);
  from_newest_ = answer.version_too_large;
  need_list_ = answer.error == ApiError::expired || answer.error == ApiError::rejected ||
               answer.error == ApiError::malformed || answer.error == ApiError::oversized || answer.version_too_large ||
               vain_watches_ >= kVainWatchesMax;
}

bool PodFollower::take_event(std::string_view line, ApiAnswer& wrong) {
  auto event = json_.event(line);
  if (!event) {
    wrong = ApiAnswer::wrong(ApiError::malformed, event.error().message);
    return false;
  }
  using Type = PodEvent::Type;
  ledger_.change([&](PodWatchNumbers& numbers) { ++numbers.events.at(static_cast<std::size_t>(event->type)); });
  if (event->type == Type::error) {
    const ApiStatus& status = event->status;
    wrong.error = error_of(status);
    wrong.words = "the watch ended with " + std::to_string(status.code) + ": " + status.message;
    wrong.version_too_large = status.version_too_large;
    if (status.retry_after_s > 0) {
      wrong.retry_after = seconds(std::min<std::int64_t>(status.retry_after_s, 300));
    }
    return false;
  }
  bool told = true;
  if (event->usable && event->type == Type::deleted) {
    if (known_.forget(event->pod.uid)) {
      PodFacts gone;
      gone.uid = std::move(event->pod.uid);
      told = tell(PodChange::Kind::gone, std::move(gone));
    }
  } else if (event->usable && known_.learn(event->pod)) {
    told = tell(PodChange::Kind::known, std::move(event->pod));
  }
  if (!told) {
    wrong = ApiAnswer::stopped();
    return false;
  }
  // After what it says is told: so a watch that begins anew leaves nothing out.
  if (!event->resource_version.empty()) {
    version_ = std::move(event->resource_version);
  }
  count_news();
  return true;
}

bool PodFollower::tell(PodChange::Kind kind, PodFacts facts) { return feed_.put({kind, std::move(facts)}); }

void PodFollower::count_news() {
  ledger_.change([&](PodWatchNumbers& numbers) {
    numbers.last_news_wall_ns = clock_.wall_ns();
    numbers.pods = known_.size();
  });
}

}  // namespace bongsu
