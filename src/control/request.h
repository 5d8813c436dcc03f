// SPDX-License-Identifier: Apache-2.0
//
// The first lines of an HTTP/1 request (RFC 9112), as far as the control server needs them, and what it answers. Pure:
// bytes in, bytes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu {

inline constexpr std::size_t kMaxRequestHeadBytes = 8192;

struct RequestHead {
  enum class State : std::uint8_t {
    incomplete,  // more bytes may complete it
    complete,    // method and path are set
    malformed,   // never a request: 400
    too_large    // 431
  };
  State state = State::incomplete;
  std::string_view method;  // points into the bytes that were parsed
  std::string_view path;    // without the query
};

// `bytes` is all that has come so far.
[[nodiscard]] RequestHead parse_request_head(std::string_view bytes);

struct Response {
  int status = 200;
  std::string body;
  std::string_view content_type = "text/plain; charset=utf-8";
};

// One answer, after which the connection is closed; `head_only`: to HEAD, the body's length without the body.
[[nodiscard]] std::string to_http(const Response& response, bool head_only);

}  // namespace bongsu
