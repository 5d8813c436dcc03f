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

[[nodiscard]] Status interval(const Slot& slot);        // 0 to 1 day
[[nodiscard]] Status age(const Slot& slot);             // 0, or 1 s to 10 years
[[nodiscard]] Status batch_alerts(const Slot& slot);    // 1 to 10,000
[[nodiscard]] Status batch_bytes(const Slot& slot);     // 1 KiB to 64 MiB
[[nodiscard]] Status spool_bytes(const Slot& slot);     // 1 MiB to 16 GiB
[[nodiscard]] Status file_bytes(const Slot& slot);      // 4 KiB to 1 TiB
[[nodiscard]] Status rotate_keep(const Slot& slot);     // 0 to 1,000
[[nodiscard]] Status path(const Slot& slot);            // absolute
[[nodiscard]] Status socket_path(const Slot& slot);     // absolute, and as long as an address can be
[[nodiscard]] Status syslog_address(const Slot& slot);  // parse_syslog_address()
[[nodiscard]] Status patterns(const Slot& slot);        // RE2 understands each

}  // namespace bongsu::check
