// SPDX-License-Identifier: Apache-2.0
//
// What a value must hold beyond its type; named by the rows of keys.cpp.
#pragma once

#include "base/result.h"
#include "config/keys.h"

namespace bongsu::check {

[[nodiscard]] Status paths(const Slot& slot);       // at least one, none empty
[[nodiscard]] Status name(const Slot& slot);        // good for a metric's label and a log line
[[nodiscard]] Status url(const Slot& slot);         // parse_url()
[[nodiscard]] Status listen(const Slot& slot);      // parse_listen()
[[nodiscard]] Status headers(const Slot& slot);     // RFC 9110 names, none that the sink sets itself
[[nodiscard]] Status wait(const Slot& slot);        // 1 ms to 1 h
[[nodiscard]] Status ring_bytes(const Slot& slot);  // a power of two, as the kernel asks

}  // namespace bongsu::check
