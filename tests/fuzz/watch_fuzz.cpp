// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the stream of a watch, in pieces whose sizes the first byte gives: lines, events, the pods that are
// known, the news of them, the table that alerts are made of. How the stream is cut changes nothing. The first line is
// tried as a Retry-After header too.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "fuzz/support.h"
#include "http/retry_after.h"
#include "identity/pod_table.h"
#include "kubernetes/known_pods.h"
#include "kubernetes/line_buffer.h"
#include "kubernetes/pod_feed.h"
#include "kubernetes/pod_json.h"

namespace {

using bongsu::PodChange;
using bongsu::fuzz::expect;

constexpr std::size_t kMostLineBytes = 4096;
constexpr std::size_t kMostPods = 4;
constexpr std::int64_t kNowNs = 1'795'246'460'000'000'000;

class StandingClock final : public bongsu::Clock {
 public:
  [[nodiscard]] std::int64_t boot_ns() const override { return 1'000'000'000; }
  [[nodiscard]] std::int64_t wall_ns() const override { return kNowNs; }
};

struct Lines {
  std::vector<std::string> all;
  bool too_long = false;
};

Lines cut(std::string_view stream, std::size_t piece_bytes) {
  bongsu::LineBuffer buffer(kMostLineBytes);
  Lines lines;
  bool goes_on = true;
  while (goes_on && !stream.empty()) {
    goes_on = buffer.add(stream.substr(0, piece_bytes), [&](std::string_view line) {
      expect(!line.empty() && line.size() <= kMostLineBytes && bongsu::fuzz::one_line(line));
      lines.all.emplace_back(line);
      return true;
    });
    stream.remove_prefix(std::min(piece_bytes, stream.size()));
  }
  lines.too_long = buffer.too_long();
  expect(goes_on != lines.too_long);
  return lines;
}

class Follower {
 public:
  // As PodFollower takes an event.
  void take(std::string_view line) {
    auto event = json_.event(line);
    if (!event) {
      expect(bongsu::fuzz::one_line(event.error().to_string()));
      return;
    }
    if (!event->usable) {
      return;
    }
    const bool gone = event->type == bongsu::PodEvent::Type::deleted;
    if (gone ? !known_.forget(event->pod.uid) : !known_.learn(event->pod)) {
      return;
    }
    const std::string uid = event->pod.uid;
    expect(feed_.put({gone ? PodChange::Kind::gone : PodChange::Kind::known, std::move(event->pod)}) && feed_.any());
    std::vector<PodChange> news;
    feed_.take(news);
    for (const PodChange& change : news) {
      table_.learn(change, ++now_ns_);
    }
    expect(table_.size() <= kMostPods && (gone || table_.find(uid) != nullptr));
  }

 private:
  const StandingClock clock_{};
  bongsu::PodJson json_{{bongsu::KeyFilter({"*"}), bongsu::KeyFilter({"*"})}};
  bongsu::KnownPods known_;
  bongsu::PodFeed feed_{clock_};
  bongsu::PodTable table_{kMostPods};
  std::uint64_t now_ns_ = 0;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view stream = bongsu::fuzz::text_of(data + 1, size - 1);
  const Lines whole = cut(stream, std::max<std::size_t>(stream.size(), 1));
  const Lines pieces = cut(stream, std::size_t{1} + data[0]);
  expect(whole.all == pieces.all && whole.too_long == pieces.too_long);
  Follower follower;
  for (const std::string& line : whole.all) {
    follower.take(line);
  }
  if (const auto wait = bongsu::parse_retry_after(stream.substr(0, stream.find('\n')), kNowNs)) {
    expect(*wait >= std::chrono::nanoseconds(0) && *wait <= std::chrono::hours(240));
  }
  return 0;
}
