// SPDX-License-Identifier: Apache-2.0
//
// Addresses of hosts as text, and ranges of them as in 10.0.0.0/8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu {

struct HostAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;  // 4 or 16

  friend bool operator==(const HostAddress&, const HostAddress&) = default;
};

// IPv4 or IPv6, without brackets. An IPv4 address that is mapped into IPv6 is the IPv4 one.
[[nodiscard]] std::optional<HostAddress> parse_ip_address(std::string_view text);

struct AddressRange {
  HostAddress first;
  unsigned prefix_bits = 0;

  [[nodiscard]] bool contains(const HostAddress& address) const;
};

// "ADDRESS/BITS".
[[nodiscard]] std::optional<AddressRange> parse_range(std::string_view text);

}  // namespace bongsu
