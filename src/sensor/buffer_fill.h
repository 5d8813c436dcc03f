// SPDX-License-Identifier: Apache-2.0
//
// How full a ring between kernel and user space is.
#pragma once

#include <cstdint>
#include <string_view>

namespace bongsu {

struct BufferFill {
  std::string_view buffer;  // "lifecycle" or "bulk"
  std::uint64_t used_bytes;
  std::uint64_t bytes;  // its size
};

}  // namespace bongsu
