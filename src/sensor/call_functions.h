// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own function of a system call, as its BTF names it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

// What the function of a call may be named on this architecture, the one that is used first. `narrow`: the 32-bit
// call's.
[[nodiscard]] std::vector<std::string> call_functions(std::string_view call, bool narrow);

// The BTF id of the first of them that this kernel has; 0 when it has none.
[[nodiscard]] int find_call_function(const std::vector<std::string>& names);

// The BTF id of the function's prototype; 0 when there is no such function.
[[nodiscard]] int call_prototype(const std::string& function);

}  // namespace bongsu
