// SPDX-License-Identifier: Apache-2.0
//
// IPv4 and IPv6 networks, and which of many an address lies in: one look by hash for each length of prefix in use,
// however many networks there are. An IPv4 address written as IPv6 (::ffff:10.0.0.1) is the IPv4 address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/text_map.h"

namespace bongsu {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool dotted = false;  // written as IPv4
};
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

struct Network {
  Address address;
  std::uint8_t bits = 0;  // of 128: an IPv4 network's are counted behind ::ffff:0:0
};
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);           // "10.0.0.0/8", or an address
[[nodiscard]] std::array<std::uint8_t, 16> masked(const Network& network) noexcept;  // the bytes of its first address

class NetworkTable {
 public:
  NetworkTable() = default;
  // A network's number is its place in `networks`; of equal ones, the first one's.
  explicit NetworkTable(std::span<const Network> networks);

  // Calls use(number) for each network that holds the address, widest first, until it returns true; says whether it
  // did.
  template <typename Use>
  bool any(const Address& address, Use&& use) const {
    for (const std::uint8_t bits : lengths_) {
      const Key key = key_of(address, bits);
      const std::uint32_t found = numbers_.find({key.data(), key.size()});
      if (found != TextMap::kNone && use(found)) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::size_t memory_bytes() const noexcept { return numbers_.memory_bytes() + lengths_.capacity(); }

 private:
  using Key = std::array<char, 17>;  // the length of the prefix, and its bytes
  [[nodiscard]] static Key key_of(const Address& address, std::uint8_t bits) noexcept;

  std::vector<std::uint8_t> lengths_;  // sorted
  TextMap numbers_;
};

}  // namespace bongsu
