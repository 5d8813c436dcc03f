// SPDX-License-Identifier: Apache-2.0
//
// Follows the node's pods: lists them, then takes the changes after the list, from where the last answer ended. One
// turn is one request, or the pages of one list; when the next comes is not decided here. The semantics are those of
// client-go's reflector.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "kubernetes/api_client.h"
#include "kubernetes/known_pods.h"
#include "kubernetes/pod_feed.h"
#include "kubernetes/pod_json.h"
#include "kubernetes/watch_numbers.h"

namespace bongsu {

class PodFollower {
 public:
  static constexpr std::size_t kLineBytesMax = std::size_t{8} << 20;   // etcd takes objects of 1.5 MiB
  static constexpr std::size_t kListBytesMax = std::size_t{64} << 20;  // all pages
  static constexpr std::size_t kPagesMax = 64;
  static constexpr std::int64_t kLastedNs = 10'000'000'000;  // a watch that lasted so long was none in vain
  static constexpr unsigned kVainWatchesMax = 5;             // then it is listed anew

  struct Turn {
    bool watched = false;
    bool gave = false;  // of a watch: news, or it lasted
    ApiAnswer answer;   // no error: a list is complete; a watch ended as it should
  };

  // Borrows everything.
  PodFollower(ApiClient& client, std::string node, KeptKeys keep, PodFeed& feed, WatchLedger& ledger,
              const Clock& clock, Random& random)
      : client_(client),
        node_(std::move(node)),
        json_(std::move(keep)),
        feed_(feed),
        ledger_(ledger),
        clock_(clock),
        random_(random) {}

  [[nodiscard]] Turn turn();

 private:
  class PageBody;
  class WatchBody;

  [[nodiscard]] ApiAnswer list();
  [[nodiscard]] ApiAnswer read_page(const std::string& text, std::string& continuation);
  [[nodiscard]] Turn watch();
  void look_at_failure(const ApiAnswer& answer, bool gave);
  [[nodiscard]] bool take_event(std::string_view line, ApiAnswer& wrong);
  [[nodiscard]] bool tell(PodChange::Kind kind, PodFacts facts);
  void count_news();

  ApiClient& client_;
  const std::string node_;
  PodJson json_;
  PodFeed& feed_;
  WatchLedger& ledger_;
  const Clock& clock_;
  Random& random_;

  KnownPods known_;
  std::string version_;  // of the last answer or event; empty: none yet
  bool need_list_ = true;
  bool from_newest_ = false;  // the version we know is of no use to the server
  unsigned vain_watches_ = 0;
};

}  // namespace bongsu
