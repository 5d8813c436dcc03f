// SPDX-License-Identifier: Apache-2.0
//
// A listening TCP socket, which never blocks.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

// "127.0.0.1:9464", "[::1]:9464"
[[nodiscard]] std::string address_text(const std::string& host, std::uint16_t port);

// Port 0 picks a free one. Of the addresses that `host` has, the first that can be had.
[[nodiscard]] Result<UniqueFd> listen_on(const std::string& host, std::uint16_t port);

[[nodiscard]] std::uint16_t port_of(const UniqueFd& socket);

}  // namespace bongsu
