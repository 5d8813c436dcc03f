// SPDX-License-Identifier: Apache-2.0
//
// Which proxy a URL is reached by, as the environment has it: HTTPS_PROXY or HTTP_PROXY, by the URL's scheme, else
// ALL_PROXY; NO_PROXY names what is reached without. The lower-case names go first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/client.h"

namespace bongsu {

using ProxyVariables = std::map<std::string, std::string, std::less<>>;

// None: it is reached directly, as loopback always is. Fails when the variable that counts names no HTTP proxy; the
// error names the variable, and no password.
//
// NO_PROXY has names, which stand for themselves and all below them, with or without a leading dot; addresses; ranges
// as in 10.0.0.0/8; each with a port, if only that is meant (but ranges); and `*` for everything. Commas or spaces
// divide them. Names are not looked up.
[[nodiscard]] Result<std::optional<HttpProxy>> proxy_for(bool https, std::string_view host, std::uint16_t port,
                                                         const ProxyVariables& environment);

}  // namespace bongsu
