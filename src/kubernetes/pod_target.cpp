// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/pod_target.h"

#include <string>
#include <string_view>

namespace bongsu {
namespace {

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
}

std::string pods_of(std::string_view node) {
  std::string target = "/api/v1/pods?fieldSelector=spec.nodeName%3D";
  append_encoded(target, node);
  return target;
}

}  // namespace

std::string list_target(std::string_view node, std::string_view version, std::string_view continuation) {
  std::string target = pods_of(node);
  // With a version of its own, a limit would send the server past its cache to the storage; with "0" a server that has
  // a cache ignores it.
  if (version.empty() || version == "0" || !continuation.empty()) {
    target += "&limit=500";
  }
  if (!continuation.empty()) {  // which has the version in it
    target += "&continue=";
    append_encoded(target, continuation);
  } else if (!version.empty()) {
    target += "&resourceVersion=";
    append_encoded(target, version);
  }
  return target;
}

std::string watch_target(std::string_view node, std::string_view version, std::uint64_t timeout_s) {
  std::string target = pods_of(node) + "&watch=1&allowWatchBookmarks=true&resourceVersion=";
  append_encoded(target, version);
  target += "&timeoutSeconds=" + std::to_string(timeout_s);
  return target;
}

}  // namespace bongsu
