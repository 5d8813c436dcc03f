// SPDX-License-Identifier: Apache-2.0
//
// One question to a control server (server.h), for commands that talk to a running monitor.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace bongsu {

struct HttpReply {
  int status = 0;
  std::string body;
};

// `timeout`: for the connection, and for each piece of the answer. An answer larger than 16 MiB is an error.
[[nodiscard]] Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& path,
                                         std::chrono::milliseconds timeout);

}  // namespace bongsu
