// SPDX-License-Identifier: Apache-2.0
#include "rules/network_table.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace bongsu {
namespace {

// RFC 4291, 2.5.5.2: IPv4 addresses live here, so that one comparison serves both families.
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kAddressBits = 128;
constexpr unsigned kMappedBits = 96;

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated;
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  *std::ranges::copy(text, terminated.begin()).out = '\0';
  Address address;
  if (text.find(':') != std::string_view::npos) {
    return ::inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1 ? std::optional(address) : std::nullopt;
  }
  if (::inet_pton(AF_INET, terminated.data(), address.bytes.data() + kMappedPrefix.size()) != 1) {
    return std::nullopt;
  }
  std::ranges::copy(kMappedPrefix, address.bytes.begin());
  address.dotted = true;
  return address;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  unsigned bits = kAddressBits;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    const unsigned most = address->dotted ? kAddressBits - kMappedBits : kAddressBits;
    if (error != std::errc{} || end != length.data() + length.size() || bits > most) {
      return std::nullopt;
    }
    bits += address->dotted ? kMappedBits : 0;
  }
  return Network{*address, static_cast<std::uint8_t>(bits)};
}

std::array<std::uint8_t, 16> masked(const Network& network) noexcept {
  std::array<std::uint8_t, 16> bytes = network.address.bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t kept = std::clamp<std::size_t>(network.bits, 8 * i, 8 * i + 8) - 8 * i;
    bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return bytes;
}

NetworkTable::NetworkTable(std::span<const Network> networks) {
  std::vector<std::string> keys;
  keys.reserve(networks.size());
  for (const Network& network : networks) {
    const Key key = key_of(network.address, network.bits);
    keys.emplace_back(key.begin(), key.end());
    lengths_.push_back(network.bits);
  }
  numbers_ = TextMap(keys, false);
  std::ranges::sort(lengths_);
  lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
}

NetworkTable::Key NetworkTable::key_of(const Address& address, std::uint8_t bits) noexcept {
  const std::array<std::uint8_t, 16> bytes = masked({address, bits});
  Key key{static_cast<char>(bits)};
  std::memcpy(key.data() + 1, bytes.data(), bytes.size());
  return key;
}

}  // namespace bongsu
