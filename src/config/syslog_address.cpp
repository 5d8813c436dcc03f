// SPDX-License-Identifier: Apache-2.0
#include "config/syslog_address.h"

#include <array>

#include "config/url.h"

namespace bongsu {

Result<SyslogAddress> parse_syslog_address(std::string_view text) {
  struct Scheme {
    std::string_view prefix;
    SyslogAddress::Transport transport;
    std::uint16_t port;
  };
  constexpr std::array kSchemes = {Scheme{"udp://", SyslogAddress::Transport::udp, 514},
                                   Scheme{"tcp://", SyslogAddress::Transport::tcp, 601},
                                   Scheme{"tls://", SyslogAddress::Transport::tls, 6514}};
  for (const Scheme& scheme : kSchemes) {
    if (text.starts_with(scheme.prefix)) {
      auto parts = parse_authority(text.substr(scheme.prefix.size()));
      if (!parts || (parts->port && *parts->port == 0)) {
        return fail("the address has no valid host and port", "write " + std::string(scheme.prefix) + "HOST:PORT");
      }
      return SyslogAddress{
          .transport = scheme.transport, .host = std::move(parts->host), .port = parts->port.value_or(scheme.port)};
    }
  }
  return fail("not the address of a syslog server", "it begins with udp://, tcp:// or tls://");
}

}  // namespace bongsu
