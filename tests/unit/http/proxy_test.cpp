// SPDX-License-Identifier: Apache-2.0
#include "http/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bongsu {
namespace {

using testing::HasSubstr;
using testing::Not;

std::optional<HttpProxy> found(bool https, std::string_view host, const ProxyVariables& environment,
                               std::uint16_t port = 443) {
  const auto proxy = proxy_for(https, host, port, environment);
  EXPECT_TRUE(proxy) << proxy.error().to_string();
  return proxy.value_or(std::nullopt);
}

TEST(Proxy, IsThatOfTheScheme) {
  const ProxyVariables both = {
      {"HTTPS_PROXY", "http://s:1"}, {"HTTP_PROXY", "http://p:2"}, {"ALL_PROXY", "http://a:3"}};
  EXPECT_EQ(found(true, "x.example", both), (HttpProxy{"s", 1, ""}));
  EXPECT_EQ(found(false, "x.example", both), (HttpProxy{"p", 2, ""}));
  EXPECT_EQ(found(true, "x.example", {{"HTTP_PROXY", "http://p:2"}}), std::nullopt);
  EXPECT_EQ(found(true, "x.example", {{"ALL_PROXY", "http://a:3"}}), (HttpProxy{"a", 3, ""}));
  EXPECT_EQ(found(true, "x.example", {}), std::nullopt);
  EXPECT_EQ(found(true, "x.example", {{"HTTPS_PROXY", ""}}), std::nullopt);
  EXPECT_EQ(found(true, "x.example", {{"HTTPS_PROXY", "http://s:1"}, {"https_proxy", "http://t:4"}}),
            (HttpProxy{"t", 4, ""}));
}

TEST(Proxy, ReadsItsForms) {
  const auto of = [](const std::string& text) { return found(true, "x.example", {{"HTTPS_PROXY", text}}); };
  EXPECT_EQ(of("proxy.example:3128"), (HttpProxy{"proxy.example", 3128, ""}));
  EXPECT_EQ(of("HTTP://proxy.example/"), (HttpProxy{"proxy.example", 80, ""}));
  EXPECT_EQ(of("http://[fd00::1]:8080"), (HttpProxy{"fd00::1", 8080, ""}));
  // "user:p@ss" (RFC 7617 has the form)
  EXPECT_EQ(of("http://user:p%40ss@proxy:1"), (HttpProxy{"proxy", 1, "Basic dXNlcjpwQHNz"}));
  EXPECT_EQ(of("http://user@proxy:1"), (HttpProxy{"proxy", 1, "Basic dXNlcjo="}));
}

TEST(Proxy, SaysInOneLineWhatIsWrongAndNoPassword) {
  for (const char* wrong : {"https://u:secret@proxy:1", "socks5://proxy:1", "http://u:secret@proxy:x", "http://",
                            "http://proxy:0", "http://proxy:70000", "http://proxy/path", "http://u:secret%zz@proxy:1",
                            "http://u:secret@[fd00::1", "http://a b", "http://proxy:1\r\nX: y"}) {
    const auto proxy = proxy_for(true, "x.example", 443, {{"HTTPS_PROXY", wrong}});
    ASSERT_FALSE(proxy) << wrong;
    EXPECT_THAT(proxy.error().to_string(), HasSubstr("HTTPS_PROXY: ")) << wrong;
    EXPECT_THAT(proxy.error().to_string(), Not(HasSubstr("secret")));
    EXPECT_THAT(proxy.error().to_string(), Not(HasSubstr("\n")));
  }
  // What does not count is not read.
  EXPECT_EQ(found(true, "x.example", {{"HTTP_PROXY", "socks5://p"}}), std::nullopt);
  EXPECT_EQ(found(true, "x.example", {{"HTTPS_PROXY", "socks5://p"}, {"NO_PROXY", "*"}}), std::nullopt);
}

struct Exception {
  const char* list;
  const char* host;
  bool direct;
};

TEST(Proxy, IsNotTakenForWhatNoProxyNames) {
  constexpr Exception kCases[] = {
      {"example.com", "example.com", true},
      {"example.com", "a.example.com", true},
      {".example.com", "a.example.com", true},
      {".example.com", "example.com", true},
      {"*.example.com", "a.example.com", true},
      {"example.com", "badexample.com", false},
      {"example.com", "example.com.evil", false},
      {"Example.COM", "eXample.com", true},
      {"example.com.", "example.com", true},
      {"example.com", "example.com.", true},
      {"example.com:443", "example.com", true},
      {"example.com:8443", "example.com", false},
      {"other.example, svc .cluster.local", "alerts.svc", true},
      {"other.example, svc .cluster.local", "alerts.ns.svc.cluster.local", true},
      {"a,,  ,b", "c", false},
      {"*", "anything.example", true},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.3:443", "10.1.2.3", true},
      {"10.1.2.3:1", "10.1.2.3", false},
      {"10.1.2.0/23", "10.1.3.255", true},
      {"10.1.2.0/23", "10.1.4.0", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {"0.0.0.0/0", "name.example", false},
      {"10.0.0.0/33", "10.0.0.1", false},
      {"fd00::/8", "fd12:3456::1", true},
      {"fd00::/8", "fe00::1", false},
      {"fd00::1", "fd00:0::1", true},
      {"[fd00::1]:443", "fd00::1", true},
      {"10.0.0.0/8", "::ffff:10.0.0.1", true},
      {"0.0.0.1", "name.example", false},
      {".", "name.example", false},
  };
  for (const Exception& one : kCases) {
    const auto proxy = found(true, one.host, {{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", one.list}});
    EXPECT_EQ(proxy.has_value(), !one.direct) << one.list << " and " << one.host;
  }
}

TEST(Proxy, IsNeverTakenForLoopback) {
  for (const char* host :
       {"127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST.", "a.localhost", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(found(false, host, {{"ALL_PROXY", "http://p:1"}}, 80), std::nullopt) << host;
  }
  EXPECT_NE(found(false, "localhost.example", {{"ALL_PROXY", "http://p:1"}}, 80), std::nullopt);
}

}  // namespace
}  // namespace bongsu
