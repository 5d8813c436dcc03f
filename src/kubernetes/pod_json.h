// SPDX-License-Identifier: Apache-2.0
//
// What the API server sends, as pods. Nothing that it sends is trusted: what is no JSON, or no answer to what was
// asked, is an error; a pod with members of other types than the API's is counted and passed over. Nothing throws.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/pod_facts.h"
#include "kubernetes/api_object.h"
#include "kubernetes/key_filter.h"

namespace bongsu {

struct PodPage {
  std::string resource_version;  // never empty
  std::string continuation;      // empty: the last page
};

// An error as the API words it (meta/v1 Status).
struct ApiStatus {
  std::int64_t code = 0;
  std::string reason;
  std::string message;
  std::int64_t retry_after_s = -1;  // -1: it says none
  bool version_too_large = false;
};

struct PodEvent {
  enum class Type : std::uint8_t { added, modified, deleted, bookmark, error, other };
  Type type = Type::other;
  std::string resource_version;  // may be empty; never with an error
  bool usable = false;           // the pod can be taken
  PodFacts pod;
  ApiStatus status;  // of an error
};

class PodJson {
 public:
  explicit PodJson(KeptKeys keep) : keep_(std::move(keep)) {}

  // Hands out the pods as it reads them, also those in front of what turns out to be wrong. take() may move out of
  // them.
  [[nodiscard]] Result<PodPage> page(std::string_view text, const std::function<void(PodFacts&)>& take);
  [[nodiscard]] Result<PodEvent> event(std::string_view line);
  [[nodiscard]] Result<ApiStatus> status(std::string_view text);

  [[nodiscard]] const ApiObjectCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] bool finish(ApiObject& object);

  KeptKeys keep_;
  ApiObjectCounters counters_;
};

}  // namespace bongsu
