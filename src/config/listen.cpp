// SPDX-License-Identifier: Apache-2.0
#include "config/listen.h"

#include "config/url.h"

namespace bongsu {

Result<std::optional<ListenAddress>> parse_listen(std::string_view text) {
  if (text.empty() || text == "off") {
    return std::optional<ListenAddress>();
  }
  if (text[0] == ':') {
    ListenAddress any{"0.0.0.0", 0};
    if (parse_port(text.substr(1), any.port)) {
      return std::optional(std::move(any));
    }
  } else if (auto authority = parse_authority(text); authority && authority->port) {
    return std::optional(ListenAddress{std::move(authority->host), *authority->port});
  }
  return fail("not an address to listen on", R"(write HOST:PORT, as "127.0.0.1:9464", or "off")");
}

}  // namespace bongsu
