// SPDX-License-Identifier: Apache-2.0
//
// The URL of a webhook in its parts. Stricter than RFC 3986: http and https only, no user information (it would end in
// logs), no fragment, nothing that would need escaping.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bongsu {

struct Url {
  bool https = false;
  std::string host;  // without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query; at least "/"
};

[[nodiscard]] Result<Url> parse_url(std::string_view text);

struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
};

// "host", "host:port", "[v6]:port".
[[nodiscard]] std::optional<Authority> parse_authority(std::string_view text);
[[nodiscard]] bool parse_port(std::string_view text, std::uint16_t& out);

}  // namespace bongsu
