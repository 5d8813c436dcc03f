// SPDX-License-Identifier: Apache-2.0
#include "config/url.h"

#include <algorithm>
#include <charconv>

namespace bongsu {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(),
                                      [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

// The longest text form of an IPv6 address, with an embedded IPv4 one, has 45 characters (INET6_ADDRSTRLEN - 1).
bool is_ipv6(std::string_view host) {
  return host.size() >= 2 && host.size() <= 45 && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
         });
}

}  // namespace

bool parse_port(std::string_view text, std::uint16_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Authority> parse_authority(std::string_view text) {
  Authority found;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) {
      return std::nullopt;
    }
    found.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_host(text.substr(0, colon))) {
      return std::nullopt;
    }
    found.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (rest.empty()) {
    return found;
  }
  std::uint16_t port = 0;
  if (rest[0] != ':' || !parse_port(rest.substr(1), port)) {
    return std::nullopt;
  }
  found.port = port;
  return found;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    url.https = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return fail("not a URL of a webhook", "it begins with http:// or https://");
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~' || c == '#' || c == '\\'; })) {
    return fail("the URL has a space, a '#' or another character that is not allowed there", "escape it as %XX");
  }
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  const std::string_view authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return fail("the URL has a user name or password", "give it as a header instead");
  }
  auto parts = parse_authority(authority);
  if (!parts || (parts->port && *parts->port == 0)) {
    return fail("the URL has no valid host and port");
  }
  url.host = std::move(parts->host);
  url.port = parts->port.value_or(url.https ? std::uint16_t{443} : std::uint16_t{80});
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) {
    url.target.insert(0, 1, '/');
  }
  return url;
}

}  // namespace bongsu
