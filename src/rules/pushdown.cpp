// SPDX-License-Identifier: Apache-2.0
#include "rules/pushdown.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "rules/pushdown_field.h"

namespace bongsu {
namespace {

constexpr std::size_t kMostAlternatives = 24;  // of one condition
constexpr std::size_t kMostLanes = 64;         // bits of a word

bool is_everything(const Needs& needs) { return needs.size() == 1 && needs.front().is_everything(); }

Needs both(const Needs& ones, Needs others) {
  if (is_everything(ones)) {
    return others;
  }
  Needs result;
  result.reserve(ones.size() * others.size());
  for (const Need& one : ones) {
    for (const Need& other : others) {
      result.push_back(one);
      result.back().intersect(other);
    }
  }
  simplify(result, kMostAlternatives);
  return result;
}

// `negated`: what it takes for the condition to be false.
Needs needs_of(const ir::Condition& condition, EventType type, bool negated) {
  using Kind = ir::Condition::Kind;
  if (condition.kind == Kind::field) {
    return needs_of_test(condition.test, type, negated);
  }
  const bool every_child = (condition.kind == Kind::any) == negated;
  const bool negated_children = (condition.kind == Kind::none) != negated;
  Needs result(every_child ? 1 : 0);
  for (const ir::Condition& child : condition.children) {
    Needs needs = needs_of(child, type, negated_children);
    if (is_everything(needs)) {
      if (!every_child) {
        return needs;
      }
    } else if (every_child) {
      result = both(result, std::move(needs));
    } else {
      std::ranges::move(needs, std::back_inserter(result));
    }
    if (every_child && result.empty()) {
      return result;
    }
  }
  if (!every_child) {
    simplify(result, kMostAlternatives);
  }
  return result;
}

TraitSet places_of(const ir::Step& step) {
  TraitSet places = 0;
  for (const EventType type : step.events) {
    for (const Need& need : needs_of(step.match, type, false)) {
      places |= need.of(Trait::place);
    }
  }
  return places;
}

// Where all steps of a sequence happen in one container, or all on the host.
TraitSet common_places(const ir::Rule& rule) {
  TraitSet places = every_value(Trait::place);
  if (rule.head.sequence &&
      std::ranges::find(rule.head.sequence->by, FieldId::container_id) != rule.head.sequence->by.end()) {
    for (const ir::Step& step : rule.steps) {
      places &= places_of(step);
    }
  }
  return places;
}

using ValueKey = std::tuple<EventType, bongsu_trait, std::uint64_t>;
using ValueLanes = std::map<ValueKey, std::uint64_t>;

// The lanes of one event become its row of the tables.
class GateBuilder {
 public:
  GateBuilder(EventType type, const Needs& lanes, ValueLanes& values) : type_(type), lanes_(lanes), values_(values) {}

  bongsu_gate build() {
    // Where no rule can be met there is one lane that lets nothing pass.
    gate_.lanes = lanes_.empty() ? 1 : ~std::uint64_t{0} >> (kMostLanes - lanes_.size());
    fill(Trait::place, gate_.place);
    fill(Trait::outcome, gate_.outcome);
    fill(Trait::abi, gate_.abi);
    fill(Trait::open_flag, gate_.open_flag);
    gate_.no_open_flag = lanes_with(Trait::open_flag, kNoOpenFlag);
    fill(Trait::file_kind, gate_.file_kind);
    gate_.every_kind =
        lanes_where([](const Need& need) { return need.of(Trait::file_kind) == every_value(Trait::file_kind); });
    fill(Trait::outside, gate_.outside);
    fill(Trait::climbs, gate_.climbs);
    fill(Trait::family, gate_.family);
    fill(Trait::address, gate_.address);
    numbers(BONGSU_TRAIT_ERROR, &Need::error);
    numbers(BONGSU_TRAIT_UID, &Need::uid);
    numbers(BONGSU_TRAIT_PORT, &Need::port);
    comms();
    paths();
    return gate_;
  }

 private:
  template <typename Chosen>
  [[nodiscard]] std::uint64_t lanes_where(Chosen&& chosen) const {
    std::uint64_t result = 0;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      result |= chosen(lanes_[lane]) ? std::uint64_t{1} << lane : 0;
    }
    return result;
  }
  [[nodiscard]] std::uint64_t lanes_with(Trait trait, unsigned value) const {
    return lanes_where([&](const Need& need) { return (need.of(trait) >> value & 1U) != 0; });
  }
  template <std::size_t kSize>
  void fill(Trait trait, __u64 (&row)[kSize]) const {
    for (unsigned value = 0; value < kSize; ++value) {
      row[value] = lanes_with(trait, value);
    }
  }

  void set_rest(bongsu_trait trait, std::uint64_t lanes) {
    gate_.rest[trait] = lanes;
    gate_.named |= lanes != gate_.lanes ? 1U << trait : 0;
  }

  void numbers(bongsu_trait trait, NumberRange Need::* which) {
    set_rest(trait, lanes_where([&](const Need& need) { return (need.*which).others(); }));
    for (const Need& lane : lanes_) {
      for (const std::uint64_t number : (lane.*which).listed()) {
        values_[{type_, trait, number}] = lanes_where([&](const Need& need) { return (need.*which).contains(number); });
        gate_.named |= 1U << trait;
      }
    }
  }

  void comms() {
    const std::uint64_t rest = lanes_where([](const Need& need) { return !need.comms; });
    set_rest(BONGSU_TRAIT_COMM, rest);
    add_texts(BONGSU_TRAIT_COMM, rest, [](const Need& need) { return need.comms ? &*need.comms : nullptr; });
  }

  // A component or an extension adds its lanes to those that pass by every path.
  void paths() {
    set_rest(BONGSU_TRAIT_PATH, lanes_where([](const Need& need) { return !need.paths; }));
    add_texts(BONGSU_TRAIT_PATH, 0, [](const Need& need) { return need.paths ? &need.paths->components : nullptr; });
    const std::size_t components = values_.size();
    add_texts(BONGSU_TRAIT_EXTENSION, 0,
              [](const Need& need) { return need.paths ? &need.paths->extensions : nullptr; });
    gate_.named |= values_.size() != components ? 1U << BONGSU_TRAIT_EXTENSION : 0;
  }

  template <typename Texts>
  void add_texts(bongsu_trait trait, std::uint64_t always, Texts&& texts) {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      const std::set<std::string>* const its_texts = texts(lanes_[lane]);
      if (its_texts == nullptr) {
        continue;
      }
      for (const std::string& text : *its_texts) {
        values_[{type_, trait, gate_hash(text)}] |= std::uint64_t{1} << lane | always;
      }
    }
  }

  EventType type_;
  const Needs& lanes_;
  ValueLanes& values_;
  bongsu_gate gate_{};
};

std::size_t values_of(const Need& lane) {
  return lane.error.listed().size() + lane.uid.listed().size() + lane.port.listed().size() +
         (lane.comms ? lane.comms->size() : 0) + (lane.paths ? lane.paths->size() : 0);
}

// Takes the values out of the lanes that have the most, until there is room for the rest.
void bound_values(std::array<Needs, kEventCount>& lanes) {
  const auto sum = [&] {
    std::size_t values = 0;
    for (const Needs& its : lanes) {
      for (const Need& lane : its) {
        values += values_of(lane);
      }
    }
    return values;
  };
  while (sum() > kMostGateValues) {
    Need none;
    Need* most = &none;
    for (Needs& its : lanes) {
      for (Need& lane : its) {
        most = values_of(lane) > values_of(*most) ? &lane : most;
      }
    }
    most->error = most->uid = most->port = {};
    most->comms.reset();
    most->paths.reset();
  }
}

// Whether a lane lets everything pass.
bool is_open(const Needs& lanes) { return std::ranges::any_of(lanes, &Need::is_everything); }

}  // namespace

bool is_gated(EventType type) {
  bool is_hooked = false;
  for (const HookInfo& hook : hooks()) {
    if (hook.event == type && hook.attach != "fexit/syscall" && hook.attach != "tp_btf/sys_exit") {
      return false;
    }
    is_hooked = is_hooked || hook.event == type;
  }
  return is_hooked;
}

Needs needs_of(const ir::Rule& rule, std::size_t step, EventType type) {
  Needs needs = needs_of(rule.steps.at(step).match, type, false);
  const TraitSet places = common_places(rule);
  for (Need& need : needs) {
    need.of(Trait::place) &= places;
  }
  simplify(needs, kMostAlternatives);
  return needs;
}

Gates derive_gates(std::span<const ir::Rule> rules) {
  std::array<Needs, kEventCount> lanes;
  std::array<bool, kEventCount> asked{};
  for (const ir::Rule& rule : rules) {
    if (!rule.enabled) {
      continue;
    }
    for (std::size_t step = 0; step < rule.steps.size(); ++step) {
      for (const EventType type : rule.steps[step].events) {
        const auto at = static_cast<std::size_t>(type);
        if (is_gated(type)) {
          std::ranges::move(needs_of(rule, step, type), std::back_inserter(lanes.at(at)));
          asked.at(at) = true;
        }
      }
    }
  }
  for (Needs& its : lanes) {
    simplify(its, kMostLanes);
  }
  bound_values(lanes);
  Gates gates;
  ValueLanes values;
  for (std::size_t at = 0; at < lanes.size(); ++at) {
    if (asked.at(at) && !is_open(lanes.at(at))) {
      gates.of.at(at) = GateBuilder(static_cast<EventType>(at), lanes.at(at), values).build();
    }
  }
  gates.values.reserve(values.size());
  for (const auto& [key, its_lanes] : values) {
    gates.values.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), its_lanes});
  }
  return gates;
}

}  // namespace bongsu
