// SPDX-License-Identifier: Apache-2.0
//
// A connection through an HTTP proxy: CONNECT (RFC 9110, 9.3.6).
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace bongsu {

// Asks the proxy at the other end of the socket for a connection to "HOST:PORT". What comes after is the server's; of
// that nothing has been read. `authorization` is the value of Proxy-Authorization; empty: none. An error says what the
// proxy did, as in "answered 403".
[[nodiscard]] Status open_tunnel(int socket, const std::string& authority, const std::string& authorization,
                                 std::chrono::steady_clock::time_point deadline);

}  // namespace bongsu
