// SPDX-License-Identifier: Apache-2.0
//
// http.listen in its parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bongsu {

struct ListenAddress {
  std::string host;        // without brackets; "0.0.0.0" when only a port was given
  std::uint16_t port = 0;  // 0: any that is free
};

// "127.0.0.1:9464", "[::1]:9464", "localhost:0", ":9464"; no address for "" and "off".
[[nodiscard]] Result<std::optional<ListenAddress>> parse_listen(std::string_view text);

}  // namespace bongsu
