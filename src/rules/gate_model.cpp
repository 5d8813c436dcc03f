// SPDX-License-Identifier: Apache-2.0
#include "rules/gate_model.h"

#include <algorithm>
#include <array>

#include "events/derived.h"
#include "rules/network_table.h"

namespace bongsu {
namespace {

constexpr unsigned kKindShift = 12;
constexpr std::size_t kIpv4At = 12;  // in the 16 bytes of an address

class Look {
 public:
  Look(const Gates& gates, const GateTraits& event)
      : gates_(gates), event_(event), gate_(gates.of.at(static_cast<std::size_t>(event.event))) {}

  [[nodiscard]] bool passes() const {
    if (gate_.lanes == 0) {
      return true;
    }
    std::uint64_t lanes = gate_.lanes;
    const auto keep = [&lanes](const auto& row, const auto& value) {
      lanes &= value ? row[static_cast<std::size_t>(*value)] : ~std::uint64_t{0};
    };
    keep(gate_.place, event_.container);
    keep(gate_.outcome, event_.failed);
    keep(gate_.abi, event_.abi);
    keep(gate_.file_kind, event_.file_kind);
    keep(gate_.outside, event_.outside);
    keep(gate_.climbs, event_.climbs);
    keep(gate_.family, event_.family);
    keep(gate_.address, event_.address);
    lanes &= event_.open_flags ? flags(*event_.open_flags) : ~std::uint64_t{0};
    lanes &= event_.error ? value(BONGSU_TRAIT_ERROR, *event_.error) : ~std::uint64_t{0};
    lanes &= event_.uid ? value(BONGSU_TRAIT_UID, *event_.uid) : ~std::uint64_t{0};
    lanes &= event_.port ? value(BONGSU_TRAIT_PORT, *event_.port) : ~std::uint64_t{0};
    lanes &= event_.comm ? value(BONGSU_TRAIT_COMM, gate_hash(*event_.comm)) : ~std::uint64_t{0};
    lanes &= event_.path && is_named(BONGSU_TRAIT_PATH) ? path(*event_.path) : ~std::uint64_t{0};
    return lanes != 0;
  }

 private:
  [[nodiscard]] bool is_named(bongsu_trait trait) const { return (gate_.named >> trait & 1U) != 0; }

  [[nodiscard]] std::optional<std::uint64_t> find(bongsu_trait trait, std::uint64_t value) const {
    const auto found = std::ranges::find_if(gates_.values, [&](const Gates::Value& each) {
      return each.event == event_.event && each.trait == trait && each.value == value;
    });
    return found == gates_.values.end() ? std::nullopt : std::optional(found->lanes);
  }
  [[nodiscard]] std::uint64_t value(bongsu_trait trait, std::uint64_t value) const {
    return is_named(trait) ? find(trait, value).value_or(gate_.rest[trait]) : ~std::uint64_t{0};
  }

  [[nodiscard]] std::uint64_t flags(std::uint64_t bits) const {
    std::uint64_t lanes = bits == 0 ? gate_.no_open_flag : 0;
    for (unsigned flag = 0; flag < std::size(gate_.open_flag); ++flag) {
      lanes |= (bits >> flag & 1U) != 0 ? gate_.open_flag[flag] : 0;
    }
    return lanes;
  }

  [[nodiscard]] std::uint64_t path(std::string_view rest) const {
    std::uint64_t lanes = gate_.rest[BONGSU_TRAIT_PATH];
    std::string_view component;
    while (!rest.empty()) {
      rest.remove_prefix(1);  // the slash
      component = rest.substr(0, rest.find('/'));
      lanes |= find(BONGSU_TRAIT_PATH, gate_hash(component)).value_or(0);
      rest.remove_prefix(component.size());
    }
    if (const std::size_t dot = component.rfind('.'); dot != std::string_view::npos) {
      lanes |= find(BONGSU_TRAIT_EXTENSION, gate_hash(component.substr(dot + 1))).value_or(0);
    }
    return lanes;
  }

  const Gates& gates_;
  const GateTraits& event_;
  const bongsu_gate& gate_;
};

// Reads an event's fields back into what they were made of.
class Traits {
 public:
  explicit Traits(const EventView& event) : event_(event) { out_.event = event.type(); }

  GateTraits read() {
    out_.container = place();
    call();
    if (event_.type() == EventType::open) {
      file();
    }
    connection();
    const Value uid = event_.value(FieldId::process_user_id);
    if (uid.has_value()) {
      out_.uid = static_cast<std::uint32_t>(uid.integer());
    }
    if (const Value comm = event_.value(FieldId::process_thread_name); comm.has_value()) {
      out_.comm = std::string(comm.string());
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view text(FieldId field) const {
    const Value value = event_.value(field);
    return value.has_value() ? value.string() : std::string_view{};
  }

  // An event that tells of a container without an id is none that the kernel side could have seen.
  [[nodiscard]] std::optional<bool> place() const {
    if (event_.value(FieldId::container_id).has_value()) {
      return true;
    }
    const bool in_one = std::ranges::any_of(fields(), [&](const FieldInfo& field) {
      return field.scope == Scope::container && event_.value(field.id).has_value();
    });
    return in_one ? std::nullopt : std::optional(false);
  }

  void call() {
    const std::string_view outcome = text(FieldId::event_outcome);
    const std::string_view error = text(FieldId::error_code);
    if (!outcome.empty()) {
      out_.failed = outcome == "failure";
    }
    constexpr std::uint16_t kMaxError = 4095;
    for (std::uint16_t number = 1; number <= kMaxError && !error.empty() && !out_.error; ++number) {
      if (error_name(number) == error) {
        out_.error = number;
        out_.failed = true;
      }
    }
    for (std::uint8_t abi = 1; abi <= BONGSU_ABI_IO_URING; ++abi) {
      if (abi_name(abi) == text(FieldId::syscall_abi)) {
        out_.abi = abi;
      }
    }
  }

  void file() {
    if (const Value flags = event_.value(FieldId::file_open_flags); flags.has_value()) {
      out_.open_flags = flag_bits(flags.list());
    }
    if (const std::string_view given = text(FieldId::file_path_given); !given.empty()) {
      out_.climbs = ("/" + std::string(given) + "/").find("/../") != std::string::npos;
    }
    if (const std::string_view path = text(FieldId::file_path); path.starts_with('/')) {
      out_.path = std::string(path);
    }
    if (out_.failed.value_or(true)) {
      return;  // the argument is all that there is
    }
    for (std::uint8_t kind = 1; kind < std::size(bongsu_gate{}.file_kind); ++kind) {
      if (const std::string_view type = text(FieldId::file_type);
          type != kNoName && name_of(NameTable::file_type, std::uint64_t{kind} << kKindShift) == type) {
        out_.file_kind = kind;
      }
    }
    if (const Value outside = event_.value(FieldId::file_outside_namespace); outside.has_value()) {
      out_.outside = outside.boolean();
    }
  }
  static std::uint64_t flag_bits(const StringList& names) {
    std::uint64_t bits = 0;
    for (unsigned flag = 0; flag < std::size(bongsu_gate{}.open_flag); ++flag) {
      names_of(NameTable::open_flags, std::uint64_t{1} << flag).any([&](std::string_view name) {
        bits |= names.any([&](std::string_view set) { return set == name; }) ? std::uint64_t{1} << flag : 0;
        return true;
      });
    }
    return bits;
  }

  void connection() {
    if (const std::string_view family = text(FieldId::socket_family); !family.empty()) {
      out_.family = family == "AF_UNIX"    ? BONGSU_FAMILY_UNIX
                    : family == "AF_INET"  ? BONGSU_FAMILY_INET
                    : family == "AF_INET6" ? BONGSU_FAMILY_INET6
                                           : BONGSU_FAMILY_OTHER;
    }
    const Value port = event_.value(FieldId::destination_port);
    if (port.has_value()) {
      out_.port = static_cast<std::uint16_t>(port.integer());
    }
    const std::string_view address = text(FieldId::destination_ip);
    if (!address.empty() || (has_field(event_.type(), FieldId::destination_ip) && !port.has_value())) {
      out_.address = address_class(address);
    }
  }
  static std::optional<bongsu_gate_address> address_class(std::string_view text) {
    if (text.empty()) {
      return BONGSU_ADDRESS_NONE;
    }
    const std::optional<Address> address = parse_address(text);
    if (!address) {
      return std::nullopt;
    }
    if (!address->dotted) {
      return text == "::1" ? BONGSU_ADDRESS_IPV6_LOOPBACK : BONGSU_ADDRESS_IPV6_OTHER;
    }
    const unsigned first = address->bytes[kIpv4At];
    const unsigned second = address->bytes[kIpv4At + 1];
    return first == 127 ? BONGSU_ADDRESS_IPV4_LOOPBACK
           : first == 10 || (first == 172 && second >> 4 == 1) || (first == 192 && second == 168)
               ? BONGSU_ADDRESS_IPV4_PRIVATE
           : first == 169 && second == 254 ? BONGSU_ADDRESS_IPV4_LINK
                                           : BONGSU_ADDRESS_IPV4_OTHER;
  }

  const EventView& event_;
  GateTraits out_;
};

}  // namespace

GateTraits gate_traits(const EventView& event) { return Traits(event).read(); }

bool passes(const Gates& gates, const GateTraits& event) { return Look(gates, event).passes(); }

}  // namespace bongsu
