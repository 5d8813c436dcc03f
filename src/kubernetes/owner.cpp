// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/owner.h"

#include <time.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace bongsu {
namespace {

// NAME of NAME-HASH; empty when it is not of that form.
std::string_view before_hash(std::string_view name, std::string_view hash) {
  if (hash.empty() || name.size() <= hash.size() + 1 || !name.ends_with(hash)) {
    return {};
  }
  name.remove_suffix(hash.size());
  return name.back() == '-' ? name.substr(0, name.size() - 1) : std::string_view{};
}

// "2026-11-21T07:34:20Z", the form that the API writes.
std::optional<std::int64_t> parse_seconds(const std::string& timestamp) {
  tm date{};
  const char* const end = ::strptime(timestamp.c_str(), "%Y-%m-%dT%H:%M:%SZ", &date);
  if (end == nullptr || *end != '\0') {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(::timegm(&date));
}

// The CronJob controller names a job after the minute that it was due, and makes it then or, after an outage, up to a
// day later. Two minutes of grace are for the clocks of two machines.
std::string_view cron_job(std::string_view job, const std::string& created) {
  constexpr std::int64_t kMostEarlyS = 120;
  constexpr std::int64_t kMostLateS = 24L * 3600;
  const std::size_t dash = job.rfind('-');
  if (dash == std::string_view::npos || dash == 0) {
    return {};
  }
  const std::string_view digits = job.substr(dash + 1);
  std::int64_t minutes = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), minutes);
  const std::optional<std::int64_t> created_s = parse_seconds(created);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.front() == '0' || minutes < 0 ||
      minutes > INT64_MAX / 60 || !created_s) {
    return {};
  }
  const std::int64_t late_s = *created_s - minutes * 60;
  return late_s > -kMostEarlyS && late_s <= kMostLateS ? job.substr(0, dash) : std::string_view{};
}

}  // namespace

void set_owner(ApiObject& object) {
  PodFacts& pod = object.pod;
  std::string_view kind;
  std::string_view name;
  if (pod.controller_kind == "ReplicaSet") {
    kind = "Deployment";
    name = before_hash(pod.controller_name, object.template_hash);
    if (name.empty()) {
      kind = "Rollout";
      name = before_hash(pod.controller_name, object.rollout_hash);
    }
  } else if (pod.controller_kind == "Job") {
    kind = "CronJob";
    name = cron_job(pod.controller_name, object.creation_timestamp);
  }
  pod.owner_kind = name.empty() ? pod.controller_kind : std::string(kind);
  pod.owner_name = name.empty() ? pod.controller_name : std::string(name);
}

}  // namespace bongsu
