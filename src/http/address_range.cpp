// SPDX-License-Identifier: Apache-2.0
#include "http/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace bongsu {

std::optional<HostAddress> parse_ip_address(std::string_view text) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291, 2.5.5.2
  const std::string copy(text);
  HostAddress address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.size = 4;
    return address;
  }
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  address.size = 16;
  if (std::ranges::equal(kMapped, std::span(address.bytes).first(kMapped.size()))) {
    std::copy(address.bytes.begin() + kMapped.size(), address.bytes.end(), address.bytes.begin());
    std::fill(address.bytes.begin() + 4, address.bytes.end(), 0);
    address.size = 4;
  }
  return address;
}

bool AddressRange::contains(const HostAddress& address) const {
  if (address.size != first.size) {
    return false;
  }
  const std::size_t whole = prefix_bits / 8;
  const unsigned left = prefix_bits % 8;
  return std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin()) &&
         (left == 0 || (first.bytes.at(whole) ^ address.bytes.at(whole)) >> (8 - left) == 0);
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = parse_ip_address(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!first || error != std::errc{} || end != digits.data() + digits.size() || bits > first->size * 8) {
    return std::nullopt;
  }
  return AddressRange{.first = *first, .prefix_bits = bits};
}

}  // namespace bongsu
