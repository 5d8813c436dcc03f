// SPDX-License-Identifier: Apache-2.0
//
// What the kernel side is asked to judge, as words. All of it printable.
#pragma once

#include <string>

#include "rules/pushdown_need.h"

namespace bongsu {

// `in containers, opened with write, succeeded, where a part of the path is "shadow"`; `every one`.
[[nodiscard]] std::string need_words(const Need& need);

}  // namespace bongsu
