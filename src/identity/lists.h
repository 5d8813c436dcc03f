// SPDX-License-Identifier: Apache-2.0
//
// Lists of strings as events show them: the names of a set's bits, or one string. They borrow only what lives for ever.
#pragma once

#include <cstdint>
#include <string_view>

#include "events/value.h"

namespace bongsu {

// Bit n is capability n of linux/capability.h, written CAP_CHOWN; one newer than this program is written CAP_41.
[[nodiscard]] StringList capability_names(std::uint64_t mask);

// Bit n is namespace n of enum bongsu_namespace.
[[nodiscard]] StringList namespace_names(std::uint64_t mask);

// The one string; the view itself is borrowed, so it is one of the catalogue's.
[[nodiscard]] StringList single(const std::string_view& text);

}  // namespace bongsu
