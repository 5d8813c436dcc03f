// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, for names that must come out the same each time: alert ids, and the shape of recordings.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bongsu {

using Sha256 = std::array<std::byte, 32>;

[[nodiscard]] Sha256 sha256(std::string_view bytes);

}  // namespace bongsu
