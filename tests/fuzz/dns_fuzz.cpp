// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a DNS message, of a datagram and of a stream: everything is asked of it. Nothing may crash, read
// outside, hang or grow.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "events/dns.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongestName = 255UL * 4;  // each byte as \DDD
  for (const bool stream : {false, true}) {
    const bongsu::DnsMessage message({reinterpret_cast<const char*>(data), size}, stream);
    if (message.question_name().size() > kLongestName) {
      std::abort();
    }
    static_cast<void>(message.question_type());
    static_cast<void>(message.response_code());
    std::size_t answers = 0;
    static_cast<void>(message.answers().any([&](std::string_view) { return ++answers, false; }));
    if (answers > size) {
      std::abort();
    }
  }
  return 0;
}
