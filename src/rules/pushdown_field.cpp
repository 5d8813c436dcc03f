// SPDX-License-Identifier: Apache-2.0
#include "rules/pushdown_field.h"

#include <algorithm>
#include <utility>

#include "events/derived.h"
#include "rules/pushdown_address.h"
#include "rules/selection.h"
#include "rules/text_case.h"

namespace bongsu {
namespace {

constexpr std::uint16_t kMaxError = 4095;  // MAX_ERRNO of include/linux/err.h

bool is_set_test(const ir::Test& test) { return test.op->name == "eq" || test.op->name == "in"; }
bool is_exists(const ir::Test& test) { return test.op->name == "exists"; }

// One test of a field, as it is asked for or as it is to fail.
class Leaf {
 public:
  Leaf(const ir::FieldTest& test, EventType type, bool negated) : test_(test), type_(type), negated_(negated) {}

  [[nodiscard]] Needs needs() const {
    Need need;
    if (info(test_.field).scope == Scope::container) {
      place(need);
      return {need};
    }
    const bool is_open = type_ == EventType::open;
    switch (test_.field) {
      case FieldId::event_outcome:
        need.of(Trait::outcome) = bit(0, holds("success")) | bit(1, holds("failure"));
        break;
      case FieldId::error_code:
        error(need);
        break;
      case FieldId::syscall_abi:
        abi(need);
        break;
      case FieldId::file_open_flags:
        if (is_open) {
          open_flags(need);
        }
        break;
      case FieldId::file_type:
        if (is_open) {
          file_kind(need);
        }
        break;
      case FieldId::file_outside_namespace:
        if (is_open) {
          need.of(Trait::outside) =
              bit(0, holds_of(Value::of(false)) || holds_without()) | bit(1, holds_of(Value::of(true)));
        }
        break;
      case FieldId::file_path:
      case FieldId::file_name:
        if (is_open && !negated_) {
          need.paths = path_keys(test_);
        }
        break;
      case FieldId::file_path_given:
        if (is_open && !negated_ && has_to_climb(test_)) {
          need.of(Trait::climbs) = bit(1, true);
        }
        break;
      case FieldId::socket_family:
        family(need);
        break;
      case FieldId::destination_ip:
        need.of(Trait::address) = address_classes(test_, negated_);
        break;
      case FieldId::destination_port:
        port(need);
        break;
      case FieldId::network_type:
        return network_type(need);
      case FieldId::process_user_id:
        need.uid = numbers();
        break;
      case FieldId::process_thread_name:
        comm(need);
        break;
      default:
        break;
    }
    return {need};
  }

 private:
  static TraitSet bit(unsigned at, bool set) { return set ? TraitSet{1} << at : 0; }

  // On a field with this one value.
  [[nodiscard]] bool holds_of(const Value& value) const {
    const bool passes =
        std::ranges::all_of(test_.tests, [&](const ir::Test& each) { return each.predicate->test(value); });
    return passes != negated_;
  }
  [[nodiscard]] bool holds(std::string_view text) const { return holds_of(Value::of(text)); }
  [[nodiscard]] bool holds_without() const { return ir::without_value(test_) != negated_; }

  // A container has an id; whether it has the rest is not known here.
  void place(Need& need) const {
    const bool only_existence = test_.field == FieldId::container_id && std::ranges::all_of(test_.tests, is_exists);
    need.of(Trait::place) = bit(0, holds_without()) | bit(1, !only_existence || holds("id"));
  }

  void error(Need& need) const {
    std::set<std::uint64_t> listed;
    const bool others = holds(error_name(kMaxError));
    for (const auto& [number, name] : named_errors()) {
      if (holds(name) != others) {
        listed.insert(number);
      }
    }
    need.error = NumberRange(others, std::move(listed));
    need.of(Trait::outcome) = bit(0, holds_without()) | bit(1, !need.error.is_empty());
  }

  static const std::vector<std::pair<std::uint16_t, std::string_view>>& named_errors() {
    static const std::vector<std::pair<std::uint16_t, std::string_view>> kNamed = [] {
      std::vector<std::pair<std::uint16_t, std::string_view>> named;
      for (std::uint16_t error = 1; error < kMaxError; ++error) {
        if (const std::string_view name = error_name(error); name != error_name(kMaxError)) {
          named.emplace_back(error, name);
        }
      }
      return named;
    }();
    return kNamed;
  }

  void abi(Need& need) const {
    for (std::uint8_t abi = 0; abi <= BONGSU_ABI_IO_URING; ++abi) {
      const std::string_view name = abi_name(abi);
      if (!(name.empty() ? holds_without() : holds(name))) {
        need.of(Trait::abi) &= ~bit(abi, true);
      }
    }
  }

  // Any and every alike: of the flags that are set one has to pass, and where the test is to be false one to fail.
  void open_flags(Need& need) const {
    TraitSet set = bit(kNoOpenFlag, holds_without());
    for (unsigned flag = 0; flag < kNoOpenFlag; ++flag) {
      bool named = false;
      const bool passes = names_of(NameTable::open_flags, std::uint64_t{1} << flag).any([&](std::string_view name) {
        named = true;
        return holds(name);
      });
      set |= bit(flag, named ? passes : holds_without());
    }
    need.of(Trait::open_flag) = set;
  }

  void file_kind(Need& need) const {
    constexpr unsigned kShift = 12;  // S_IFMT, include/uapi/linux/stat.h
    TraitSet set = bit(0, holds_without());
    for (unsigned kind = 1; kind < kTraitValues[static_cast<std::size_t>(Trait::file_kind)]; ++kind) {
      set |= bit(kind, holds(name_of(NameTable::file_type, std::uint64_t{kind} << kShift)));
    }
    need.of(Trait::file_kind) = set;
  }

  void family(Need& need) const {
    TraitSet set = bit(BONGSU_FAMILY_OTHER, holds_without() || holds(kNoName));
    for (const std::string_view name : all_names(NameTable::socket_family)) {
      set |= bit(family_of(name), holds(name));
    }
    need.of(Trait::family) = set;
  }
  static unsigned family_of(std::string_view name) {
    return name == "AF_UNIX"    ? BONGSU_FAMILY_UNIX
           : name == "AF_INET"  ? BONGSU_FAMILY_INET
           : name == "AF_INET6" ? BONGSU_FAMILY_INET6
                                : BONGSU_FAMILY_OTHER;
  }

  // The port is told where the address is.
  void port(Need& need) const {
    need.port = numbers();
    if (!holds_without()) {
      need.of(Trait::address) &= ~bit(BONGSU_ADDRESS_NONE, true);
    }
  }

  // A Unix socket has an address of another kind only where a call asked for one, in vain.
  [[nodiscard]] Needs network_type(Need need) const {
    if (holds_without() || !has_field(type_, FieldId::socket_family)) {
      return {need};
    }
    Need in_vain = need;
    need.of(Trait::family) &= ~bit(BONGSU_FAMILY_UNIX, true);
    in_vain.of(Trait::family) = bit(BONGSU_FAMILY_UNIX, true);
    in_vain.of(Trait::outcome) = bit(1, true);
    return {need, in_vain};
  }

  // Each number that an operand names is tried; of the others only eq and in, ne and not_in say what they are.
  [[nodiscard]] NumberRange numbers() const {
    const auto others_pass = [](const ir::Test& each) {
      return is_exists(each) ? each.predicate->test(Value::of(std::int64_t{1})) : !is_set_test(each);
    };
    const auto others_fail = [](const ir::Test& each) {
      return is_exists(each) ? !each.predicate->test(Value::of(std::int64_t{1})) : !each.op->negates;
    };
    const bool others =
        negated_ ? std::ranges::any_of(test_.tests, others_fail) : std::ranges::all_of(test_.tests, others_pass);
    std::set<std::uint64_t> listed;
    for (const ir::Test& each : test_.tests) {
      for (const Literal& value : each.operand.values) {
        if (const std::int64_t number = std::get<std::int64_t>(value); holds_of(Value::of(number)) != others) {
          listed.insert(static_cast<std::uint64_t>(number));
        }
      }
    }
    return {others, std::move(listed)};
  }

  // By hash, which may be another comm's too: what is asked for can be looked for, what is not cannot be left out.
  void comm(Need& need) const {
    const auto names = std::ranges::find_if(test_.tests, is_set_test);
    if (negated_ || names == test_.tests.end()) {
      return;
    }
    need.comms.emplace();
    for (const Literal& value : names->operand.values) {
      need.comms->insert(folded(std::get<std::string>(value)));
    }
  }

  const ir::FieldTest& test_;
  EventType type_;
  bool negated_;
};

}  // namespace

Needs needs_of_test(const ir::FieldTest& test, EventType type, bool negated) {
  if (const std::optional<bool> verdict = constant(test, type)) {
    return *verdict != negated ? Needs{Need()} : Needs();
  }
  return Leaf(test, type, negated).needs();
}

}  // namespace bongsu
