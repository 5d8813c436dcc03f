// SPDX-License-Identifier: Apache-2.0
//
// syslog[].address in its parts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bongsu {

struct SyslogAddress {
  enum class Transport : std::uint8_t { udp, tcp, tls };
  Transport transport = Transport::udp;
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

// "udp://HOST[:PORT]", "tcp://...", "tls://..."; the ports that IANA has for them when none is given.
[[nodiscard]] Result<SyslogAddress> parse_syslog_address(std::string_view text);

}  // namespace bongsu
