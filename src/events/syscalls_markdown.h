// SPDX-License-Identifier: Apache-2.0
//
// The reference of system calls, written from the table. The same table gives the same bytes.
#pragma once

#include <string>

namespace bongsu {

// The whole of docs/syscalls.md.
[[nodiscard]] std::string syscalls_markdown();

}  // namespace bongsu
