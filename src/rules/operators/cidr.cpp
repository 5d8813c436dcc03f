// SPDX-License-Identifier: Apache-2.0
//
// cidr: the value is an IPv4 or IPv6 address, as text, inside a network (see rules/network_table.h).
#include "rules/network_table.h"
#include "rules/operator.h"

namespace bongsu {
namespace {

class Networks final : public Predicate {
 public:
  explicit Networks(const std::vector<Network>& networks) : networks_(networks) {}
  [[nodiscard]] bool test(const Value& value) const noexcept override {
    const std::optional<Address> address = parse_address(value.string());
    return address && networks_.any(*address, [](std::uint32_t) { return true; });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this) + networks_.memory_bytes(); }

 private:
  NetworkTable networks_;
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
  return std::make_shared<Networks>(networks);
}

}  // namespace

std::span<const Operator> operators_cidr() {
  static constexpr Operator kTable[] = {{"cidr", kTextTypes, Arity::one_or_many, false, false, build}};
  return kTable;
}

}  // namespace bongsu
