// SPDX-License-Identifier: Apache-2.0
#include "http/proxy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "http/address_range.h"
#include "http/base64.h"

namespace bongsu {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// The first that is set, with its name.
std::pair<std::string_view, std::string_view> first_set(const ProxyVariables& environment,
                                                        std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto found = environment.find(name); found != environment.end() && !found->second.empty()) {
      return {name, found->second};
    }
  }
  return {};
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

struct Place {
  std::string_view host;   // without brackets
  std::uint16_t port = 0;  // 0: none is given
};

// "host", "host:port", "[v6]:port", or an IPv6 address alone.
std::optional<Place> parse_place(std::string_view text) {
  Place place;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    place.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else if (std::ranges::count(text, ':') > 1) {
    place.host = text;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    place.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (place.host.empty() || (!rest.empty() && (rest[0] != ':' || !parse_port(rest.substr(1), place.port)))) {
    return std::nullopt;
  }
  return place;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(at + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + digits.size()) {
      return std::nullopt;
    }
    out += static_cast<char>(value);
    at += 2;
  }
  return out;
}

Result<HttpProxy> parse_proxy(std::string_view variable, std::string_view text) {
  const auto wrong = [&](const char* why) {
    return fail(std::string(variable) + ": " + why, "it is http://HOST:PORT or http://USER:PASSWORD@HOST:PORT");
  };
  constexpr std::string_view kScheme = "http://";
  constexpr std::uint16_t kPort = 80;
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    if (lower(text.substr(0, scheme + 3)) != kScheme) {
      return wrong("only HTTP proxies are spoken to");
    }
    text.remove_prefix(kScheme.size());
  }
  if (text.ends_with('/')) {
    text.remove_suffix(1);
  }
  if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~' || c == '/' || c == '?' || c == '#'; })) {
    return wrong("not the URL of a proxy");
  }
  HttpProxy proxy;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const auto user = text.substr(0, at);
    const auto decoded = percent_decoded(user);
    if (!decoded) {
      return wrong("its user or password has a '%' that is no escape");
    }
    proxy.authorization = "Basic " + base64(user.find(':') == std::string_view::npos ? *decoded + ":" : *decoded);
    text.remove_prefix(at + 1);
  }
  const auto place = parse_place(text);
  if (!place) {
    return wrong("it has no valid host and port");
  }
  proxy.host = place->host;
  proxy.port = place->port == 0 ? kPort : place->port;
  return proxy;
}

bool is_loopback(const std::string& host) {
  if (const auto address = parse_ip_address(host)) {
    static const std::array kLoopback = {parse_range("127.0.0.0/8"), parse_range("::1/128")};
    return std::ranges::any_of(kLoopback, [&](const auto& range) { return range->contains(*address); });
  }
  return host == "localhost" || host.ends_with(".localhost");
}

// One of NO_PROXY's.
bool names(std::string_view entry, const std::string& host, std::uint16_t port) {
  if (entry == "*") {
    return true;
  }
  const auto address = parse_ip_address(host);
  if (const auto range = parse_range(entry)) {
    return address && range->contains(*address);
  }
  const auto place = parse_place(entry);
  if (!place || (place->port != 0 && place->port != port)) {
    return false;
  }
  if (address) {
    const auto other = parse_ip_address(place->host);
    return other && *other == *address;
  }
  std::string name = lower(place->host);
  name.erase(0, name.starts_with("*.") ? 2 : name.starts_with('.') ? 1 : 0);
  if (name.ends_with('.')) {
    name.pop_back();
  }
  return !name.empty() && (host == name || host.ends_with("." + name));
}

bool is_excepted(std::string_view list, const std::string& host, std::uint16_t port) {
  constexpr std::string_view kBetween = ", \t";
  for (std::size_t begin = list.find_first_not_of(kBetween); begin != std::string_view::npos;) {
    const std::size_t end = std::min(list.find_first_of(kBetween, begin), list.size());
    if (names(list.substr(begin, end - begin), host, port)) {
      return true;
    }
    begin = list.find_first_not_of(kBetween, end);
  }
  return false;
}

}  // namespace

Result<std::optional<HttpProxy>> proxy_for(bool https, std::string_view host, std::uint16_t port,
                                           const ProxyVariables& environment) {
  const auto [variable, value] = https
                                     ? first_set(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                                     : first_set(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
  std::string name = lower(host);
  if (name.ends_with('.')) {
    name.pop_back();
  }
  if (value.empty() || is_loopback(name) ||
      is_excepted(first_set(environment, {"no_proxy", "NO_PROXY"}).second, name, port)) {
    return std::optional<HttpProxy>();
  }
  auto proxy = parse_proxy(variable, value);
  if (!proxy) {
    return tl::make_unexpected(std::move(proxy.error()));
  }
  return std::optional<HttpProxy>(*std::move(proxy));
}

}  // namespace bongsu
