// SPDX-License-Identifier: Apache-2.0
//
// The version of this build, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace bongsu {

[[nodiscard]] std::string_view version();

}  // namespace bongsu
