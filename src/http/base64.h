// SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648, 4) on one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bongsu {

[[nodiscard]] std::string base64(std::string_view bytes);
// Nothing when it is none; the padding may be missing.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

}  // namespace bongsu
