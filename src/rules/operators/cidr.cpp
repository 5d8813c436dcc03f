// SPDX-License-Identifier: Apache-2.0
//
// cidr: the value is an IPv4 or IPv6 address, as text, inside a network. An IPv4 address written as IPv6
// (::ffff:10.0.0.1) is the IPv4 address.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "rules/operator.h"

namespace bongsu {
namespace {

// RFC 4291, 2.5.5.2: IPv4 addresses live here, so that one comparison serves both families.
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kAddressBits = 128;
constexpr unsigned kMappedBits = 96;

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool dotted = false;  // written as IPv4
};

std::optional<Address> parse_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::ranges::copy(text, terminated.begin());
  Address address;
  if (::inet_pton(AF_INET, terminated.data(), address.bytes.data() + kMappedPrefix.size()) == 1) {
    std::ranges::copy(kMappedPrefix, address.bytes.begin());
    address.dotted = true;
    return address;
  }
  if (::inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) {
    return address;
  }
  return std::nullopt;
}

struct Network {
  Address address;
  unsigned bits = kAddressBits;

  [[nodiscard]] bool holds(const Address& other) const {
    const unsigned whole = bits / 8;
    if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) {
      return false;
    }
    const unsigned rest = bits % 8;
    return rest == 0 || ((address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest)) == 0;
  }
};

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  Network network{*address};
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), network.bits);
    const unsigned most = address->dotted ? kAddressBits - kMappedBits : kAddressBits;
    if (error != std::errc{} || end != length.data() + length.size() || network.bits > most) {
      return std::nullopt;
    }
    network.bits += address->dotted ? kMappedBits : 0;
  }
  return network;
}

class Networks final : public Predicate {
 public:
  explicit Networks(std::vector<Network> networks) : networks_(std::move(networks)) {}
  [[nodiscard]] bool test(const Value& value) const noexcept override {
    const std::optional<Address> address = parse_address(value.string());
    return address && std::ranges::any_of(networks_, [&](const Network& network) { return network.holds(*address); });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    return sizeof(*this) + networks_.capacity() * sizeof(Network);
  }

 private:
  std::vector<Network> networks_;
};

Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  std::vector<Network> networks;
  for (const Literal& value : operand.values) {
    const auto& text = std::get<std::string>(value);
    const std::optional<Network> network = parse_network(text);
    if (!network) {
      return fail("\"" + text + "\" is no network", "write \"10.0.0.0/8\", \"fd00::/8\" or a single address");
    }
    networks.push_back(*network);
  }
  return std::make_shared<Networks>(std::move(networks));
}

}  // namespace

std::span<const Operator> operators_cidr() {
  static constexpr Operator kTable[] = {{"cidr", kTextTypes, Arity::one_or_many, false, false, build}};
  return kTable;
}

}  // namespace bongsu
