// SPDX-License-Identifier: Apache-2.0
#include "control/request.h"

#include <gtest/gtest.h>

namespace bongsu {
namespace {

using State = RequestHead::State;

TEST(RequestHead, GivesMethodAndPath) {
  for (const std::string_view bytes :
       {"GET /metrics HTTP/1.1\r\n\r\n", "GET /metrics?x=1 HTTP/1.0\r\nHost: a\r\n\r\nbody",
        "GET /metrics HTTP/1.1\n\n"}) {
    const RequestHead head = parse_request_head(bytes);
    ASSERT_EQ(head.state, State::complete) << bytes;
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.path, "/metrics");
  }
}

TEST(RequestHead, EveryBeginningOfOneIsIncomplete) {
  const std::string_view whole = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(parse_request_head(whole.substr(0, size)).state, State::incomplete) << size;
  }
}

TEST(RequestHead, WhatIsNone) {
  for (const std::string_view bytes : {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.2\r\n\r\n",
                                       "GET / HTTP/11\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "G(T / HTTP/1.1\r\n\r\n",
                                       "GET /a b HTTP/1.1\r\n\r\n", "GET /\x01 HTTP/1.1", "\x16\x03"}) {
    EXPECT_EQ(parse_request_head(bytes).state, State::malformed) << bytes;
  }
}

TEST(RequestHead, IsBounded) {
  const std::string at_most = "GET /" + std::string(kMaxRequestHeadBytes - 18, 'x') + " HTTP/1.1\r\n\r\n";
  EXPECT_EQ(parse_request_head(at_most.substr(0, kMaxRequestHeadBytes)).state, State::complete);
  EXPECT_EQ(parse_request_head("x" + at_most).state, State::too_large);
  EXPECT_EQ(parse_request_head("GET / HTTP/1.1\r\nX: " + std::string(kMaxRequestHeadBytes, 'x') + "\r\n\r\n").state,
            State::too_large);
}

TEST(Response, HasItsLengthAndEndsTheConnection) {
  EXPECT_EQ(
      to_http({.status = 200, .body = "ok\n"}, false),
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
      "ok\n");
  EXPECT_EQ(to_http({.status = 405, .body = "no\n"}, true),
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
            "Allow: GET, HEAD\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace bongsu
