// SPDX-License-Identifier: Apache-2.0
#include "rules/pushdown_address.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "rules/network_table.h"

namespace bongsu {
namespace {

constexpr unsigned kIpv4Bits = 96;  // of an IPv4 network's first, which all have in common
constexpr unsigned kByteBits = 8;

Network network(std::string_view text) { return parse_network(text).value(); }

// A class: addresses that lie in one of `in`, and in none of `but`.
struct Class {
  std::vector<Network> in;
  std::vector<Network> but;
};

const std::array<Class, BONGSU_ADDRESS_COUNT>& classes() {
  static const std::array<Class, BONGSU_ADDRESS_COUNT> kClasses = [] {
    std::array<Class, BONGSU_ADDRESS_COUNT> all;
    all[BONGSU_ADDRESS_IPV4_LOOPBACK].in = {network("127.0.0.0/8")};
    all[BONGSU_ADDRESS_IPV4_PRIVATE].in = {network("10.0.0.0/8"), network("172.16.0.0/12"), network("192.168.0.0/16")};
    all[BONGSU_ADDRESS_IPV4_LINK].in = {network("169.254.0.0/16")};
    all[BONGSU_ADDRESS_IPV6_LOOPBACK].in = {network("::1/128")};
    Class& other = all[BONGSU_ADDRESS_IPV4_OTHER];
    other.in = {network("0.0.0.0/0")};
    for (const auto inner : {BONGSU_ADDRESS_IPV4_LOOPBACK, BONGSU_ADDRESS_IPV4_PRIVATE, BONGSU_ADDRESS_IPV4_LINK}) {
      other.but.insert(other.but.end(), all[inner].in.begin(), all[inner].in.end());
    }
    // IPv4 in IPv6's clothes is among them.
    all[BONGSU_ADDRESS_IPV6_OTHER] = {{network("::/0"), network("0.0.0.0/0")}, {network("::1/128")}};
    return all;
  }();
  return kClasses;
}

bool same_first_bits(const Network& a, const Network& b, unsigned bits) {
  for (unsigned at = 0; at < bits; at += kByteBits) {
    const unsigned differing = a.address.bytes[at / kByteBits] ^ b.address.bytes[at / kByteBits];
    if (differing >> (kByteBits - std::min(kByteBits, bits - at)) != 0) {
      return false;
    }
  }
  return true;
}

bool overlap(const Network& a, const Network& b) { return same_first_bits(a, b, std::min(a.bits, b.bits)); }
bool lies_in(const Network& inner, const Network& outer) {
  return outer.bits <= inner.bits && same_first_bits(inner, outer, outer.bits);
}

bool can_hold(const Class& its, const Network& asked) {
  return std::ranges::any_of(its.in, [&](const Network& part) { return overlap(part, asked); }) &&
         std::ranges::none_of(its.but, [&](const Network& part) { return lies_in(asked, part); });
}

// Whether all of the class lies in the networks; only of those without a remainder it is asked.
bool all_lie_in(const Class& its, std::span<const Network> asked) {
  return its.but.empty() && std::ranges::all_of(its.in, [&](const Network& part) {
           return std::ranges::any_of(asked, [&](const Network& outer) {
             // An IPv6 network as wide as all of IPv4 is not taken for one that holds it.
             return (part.bits < kIpv4Bits || outer.bits >= kIpv4Bits) && lies_in(part, outer);
           });
         });
}

struct Verdict {
  bool can_pass = true;
  bool can_fail = true;
};

Verdict verdict(const ir::Test& test, const Class& its) {
  const std::string_view op = test.op->name;
  if (op == "exists") {
    const bool passes = test.predicate->test(Value::of(std::string_view("192.0.2.1")));
    return {passes, !passes};
  }
  const bool is_set = op == "eq" || op == "in";
  if (!is_set && !test.op->negates && op != "cidr") {
    return {};
  }
  std::vector<Network> asked;
  for (const Literal& value : test.operand.values) {
    const auto* const text = std::get_if<std::string>(&value);
    const std::optional<Network> parsed = text == nullptr ? std::nullopt : parse_network(*text);
    if (!parsed) {
      return {};
    }
    asked.push_back(*parsed);
  }
  const bool holds = std::ranges::any_of(asked, [&](const Network& each) { return can_hold(its, each); });
  if (op == "cidr") {
    return {holds, !all_lie_in(its, asked)};
  }
  return is_set ? Verdict{holds, true} : Verdict{true, holds};
}

}  // namespace

TraitSet address_classes(const ir::FieldTest& test, bool negated) {
  TraitSet set = ir::without_value(test) != negated ? TraitSet{1} << BONGSU_ADDRESS_NONE : 0;
  for (unsigned at = BONGSU_ADDRESS_NONE + 1; at < BONGSU_ADDRESS_COUNT; ++at) {
    bool can_pass = true;
    bool can_fail = false;
    for (const ir::Test& each : test.tests) {
      const Verdict its = verdict(each, classes().at(at));
      can_pass = can_pass && its.can_pass;
      can_fail = can_fail || its.can_fail;
    }
    set |= (negated ? can_fail : can_pass) ? TraitSet{1} << at : 0;
  }
  return set;
}

}  // namespace bongsu
