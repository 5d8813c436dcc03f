// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/listen.h"
#include "config/url.h"

namespace bongsu {
namespace {

TEST(Listen, TakesHostAndPort) {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const auto& [text, host, port] : {Case{"127.0.0.1:9464", "127.0.0.1", 9464}, Case{"[::1]:0", "::1", 0},
                                         Case{"localhost:80", "localhost", 80}, Case{":9464", "0.0.0.0", 9464}}) {
    const auto address = parse_listen(text);
    ASSERT_TRUE(address && *address) << text;
    EXPECT_EQ((*address)->host, host);
    EXPECT_EQ((*address)->port, port);
  }
  for (const char* off : {"", "off"}) {
    const auto address = parse_listen(off);
    ASSERT_TRUE(address);
    EXPECT_FALSE(*address);
  }
  for (const char* bad :
       {"9464", "localhost", ":", ":x", "a:65536", "a:-1", "[::1]", "[::1", "a b:1", "a:1:2", "[x]:1"}) {
    EXPECT_FALSE(parse_listen(bad)) << bad;
  }
}

TEST(Url, InItsParts) {
  const auto plain = parse_url("http://collector.example/a/b?c=d");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->https);
  EXPECT_EQ(plain->host, "collector.example");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->target, "/a/b?c=d");
  const auto v6 = parse_url("https://[fe80::a]:8443");
  ASSERT_TRUE(v6);
  EXPECT_TRUE(v6->https);
  EXPECT_EQ(v6->host, "fe80::a");
  EXPECT_EQ(v6->port, 8443);
  EXPECT_EQ(v6->target, "/");
  const auto query = parse_url("https://h?x");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->port, 443);
  EXPECT_EQ(query->target, "/?x");
  for (const char* bad : {"", "h", "ftp://h", "http://", "http:///a", "http://h:0/", "http://h:99999/", "http://u@h/",
                          "http://h/a b", "http://h/#f", "http://h/\n", "HTTP://h/", "http://h:1:2/"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace bongsu
