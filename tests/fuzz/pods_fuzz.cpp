// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an answer of the API server: a list, an event of a watch, a Status. Nothing may crash or hang, and what
// is taken keeps its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kubernetes/pod_json.h"

namespace {

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void look(const bongsu::PodFacts& pod) {
  expect(!pod.uid.empty() && pod.uid.size() <= bongsu::kUidBytesMax);
  expect(!pod.name.empty() && pod.name.size() <= bongsu::kNameBytesMax);
  expect(pod.namespace_name.size() <= bongsu::kNamespaceBytesMax);
  expect(pod.config_hash.size() <= bongsu::kUidBytesMax);
  expect(pod.owner_name.size() <= bongsu::kNameBytesMax && pod.owner_kind.size() <= bongsu::kKindBytesMax);
  for (const bongsu::PodFacts::Map* map : {&pod.labels, &pod.annotations}) {
    expect(map->size() <= bongsu::kMapEntriesMax);
    for (std::size_t i = 0; i < map->size(); ++i) {
      expect((*map)[i].first.size() <= bongsu::kKeyBytesMax);
      expect((*map)[i].second.size() <= bongsu::kAnnotationBytesMax);
      expect(i == 0 || (*map)[i - 1].first < (*map)[i].first);
    }
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  bongsu::PodJson json({bongsu::KeyFilter({"*"}), bongsu::KeyFilter({"*"})});
  if (const auto page = json.page(text, [](bongsu::PodFacts& pod) { look(pod); })) {
    expect(!page->resource_version.empty() && page->resource_version.size() <= bongsu::kVersionBytesMax);
    expect(page->continuation.size() <= bongsu::kContinueBytesMax);
  }
  if (const auto event = json.event(text); event && event->usable) {
    look(event->pod);
  }
  if (const auto status = json.status(text)) {
    expect(status->message.size() <= bongsu::kMessageBytesMax);
  }
  return 0;
}
