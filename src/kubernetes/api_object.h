// SPDX-License-Identifier: Apache-2.0
//
// What is read of an object of the API: of its metadata, and, where it is a Status, of that. Everything else in the
// text (a pod's specification with its environment, last applied configurations, managed fields) is passed over and
// never stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "identity/pod_facts.h"

namespace bongsu {

// The API's own bounds, in bytes: names are DNS-1123 subdomains, keys a subdomain, a slash and a name (63).
inline constexpr std::size_t kNameBytesMax = 253;
inline constexpr std::size_t kNamespaceBytesMax = 63;
inline constexpr std::size_t kUidBytesMax = 128;
inline constexpr std::size_t kKindBytesMax = 63;
inline constexpr std::size_t kKeyBytesMax = 317;
inline constexpr std::size_t kLabelBytesMax = 63;
inline constexpr std::size_t kVersionBytesMax = 128;
// Ours.
inline constexpr std::size_t kAnnotationBytesMax = 1024;
inline constexpr std::size_t kMapEntriesMax = 64;
inline constexpr std::size_t kContinueBytesMax = 8192;
inline constexpr std::size_t kMessageBytesMax = 256;

struct ApiObject {
  std::string kind;
  std::string resource_version;
  std::string continuation;  // of a list: what asks for its next page

  PodFacts pod;                    // but the owner, which follows from the rest
  std::string creation_timestamp;  // RFC 3339
  std::string template_hash;       // label pod-template-hash: of a ReplicaSet made by a Deployment
  std::string rollout_hash;        // label rollouts-pod-template-hash: the same by a Rollout

  // Of a Status.
  std::int64_t code = 0;
  std::string reason;
  std::string message;
  std::int64_t retry_after_s = -1;  // -1: it says none
  bool version_too_large = false;   // a version was asked for that the server has not come to, or lost

  bool malformed = false;  // a member that is read has another type than the API's, or more bytes than it allows
};

// Of what was left out.
struct ApiObjectCounters {
  std::uint64_t malformed = 0;  // pods passed over
  std::uint64_t dropped = 0;    // labels and annotations beyond kMapEntriesMax, or with a key too long
  std::uint64_t cut = 0;        // values that were too long
};

}  // namespace bongsu
