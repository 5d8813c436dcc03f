// SPDX-License-Identifier: Apache-2.0
//
// A DNS message as it goes over the wire (RFC 1035): what is asked, what is answered. The bytes come from any process
// and any name server, so nothing in them is believed: whatever does not fit is left out, and nothing outside is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "events/value.h"

namespace bongsu {

// Borrows the bytes. What it returns is good until the same is asked again on this thread.
class DnsMessage {
 public:
  // The message may be cut at its end. `stream`: it may have its length before it (RFC 1035, 4.2.2).
  DnsMessage(std::string_view bytes, bool stream);

  [[nodiscard]] bool is_answer() const;
  // In lower case without the last dot, "." for the root; what is neither letter nor visible sign as \DDD (RFC 4343,
  // 2.1). Empty when there is none.
  [[nodiscard]] std::string_view question_name() const;
  [[nodiscard]] std::string_view question_type() const;  // as "AAAA", "TYPE65280"; empty when there is none
  [[nodiscard]] std::string_view response_code() const;  // as "NXDOMAIN"; empty of a query
  // Of the answer section: addresses, names, texts; records of other types are left out.
  [[nodiscard]] StringList answers() const;

 private:
  std::string_view bytes_;
};

}  // namespace bongsu
