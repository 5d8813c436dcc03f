// SPDX-License-Identifier: Apache-2.0
//
// What a rule set matches, its gates let pass: random rules and events, and the rules that come with the program on
// the events of their own tests.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "rules/gate_model.h"
#include "rules/pushdown.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using Json = nlohmann::json;

constexpr std::array kEvents{EventType::open, EventType::connect, EventType::unlink, EventType::socket};

// Conditions on what the kernel side knows, and some on what it does not; events as the kernel could make them.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t pick(std::size_t below) { return random_() % below; }

  Json condition(EventType event, int depth) {
    if (depth == 0 || pick(3) == 0) {
      return test(event);
    }
    static constexpr std::array<std::string_view, 3> kGroups{"all", "any", "not"};
    Json children = Json::array();
    for (std::size_t n = 1 + pick(3); n > 0; --n) {
      children.push_back(condition(event, depth - 1));
    }
    Json result{{std::string(one_of(kGroups)), children}};
    if (pick(3) == 0) {
      result.update(test(event));
    }
    return result;
  }

  JsonEventView event(EventType type) {
    Json fields{{"process.user.id", pick(3)}, {"process.thread.name", one_of(kComms)}};
    const bool failed = pick(3) == 0;
    fields["event.outcome"] = failed ? "failure" : "success";
    if (failed) {
      fields["error.code"] = one_of(kErrors);
    }
    fields["syscall.abi"] = one_of(kAbis);
    if (pick(2) == 0) {
      fields["container.id"] = pick(2) == 0 ? "c1" : "c2";
      if (pick(2) == 0) {
        fields["k8s.namespace.name"] = pick(2) == 0 ? "kube-system" : "web";
      }
    }
    if (pick(2) == 0) {
      fields["process.name"] = pick(2) == 0 ? "sh" : "nginx";
    }
    if (type == EventType::open) {
      file(fields, failed);
    } else if (type == EventType::unlink) {
      fields["file.path"] = path();
    } else {
      fields["socket.family"] = one_of(kFamilies);
    }
    if (type == EventType::connect) {
      connection(fields, failed);
    }
    return testing::event_of(type, fields.dump());
  }

 private:
  static constexpr std::array<std::string_view, 4> kComms{"sh", "SH", "nginx", "x"};
  static constexpr std::array<std::string_view, 4> kErrors{"ENOENT", "EACCES", "EPERM", "unknown"};
  static constexpr std::array<std::string_view, 3> kAbis{"x86_64", "i386", "x32"};
  static constexpr std::array<std::string_view, 4> kFamilies{"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"};
  static constexpr std::array<std::string_view, 4> kKinds{"file", "dir", "char_device", "fifo"};
  static constexpr std::array<std::string_view, 7> kFlags{"read",     "write", "create",  "created",
                                                          "truncate", "path",  "nofollow"};
  static constexpr std::array<std::string_view, 10> kPaths{
      "/etc/shadow", "/etc/SHADOW",        "/usr/lib/x.so", "/usr/lib/x.so.1", "/home/a/.ssh/id_rsa",
      "/proc/7/mem", "/proc/7/mem/shadow", "/shadow/etc",   "/tmp/.x",         "memfd:shadow"};
  static constexpr std::array<std::string_view, 9> kAddresses{"127.0.0.1",   "10.1.2.3",        "172.20.0.1",
                                                              "192.168.7.7", "169.254.169.254", "8.8.8.8",
                                                              "::1",         "fe80::1",         "2001:db8::1"};

  template <typename Items>
  std::string one_of(const Items& items) {
    return std::string(items[pick(items.size())]);
  }
  template <typename Items>
  Json some_of(const Items& items) {
    Json result = Json::array();
    for (std::size_t n = 1 + pick(2); n > 0; --n) {
      result.push_back(one_of(items));
    }
    return result;
  }
  std::string path() { return one_of(kPaths); }

  template <typename Items>
  Json set_test(const Items& items) {
    static constexpr std::array<std::string_view, 4> kOps{"in", "not_in", "eq", "ne"};
    switch (const std::size_t which = pick(7)) {
      case 4:
        return {{"exists", pick(2) == 0}};
      case 5:
        return {{"prefix", one_of(items).substr(0, 1 + pick(4))}};
      case 6:
        return {{"ne", one_of(items)}, {"not_in", some_of(items)}};
      default:
        return {{std::string(kOps[which]), which < 2 ? some_of(items) : Json(one_of(items))}};
    }
  }
  Json number_test(std::size_t below) {
    static constexpr std::array<std::string_view, 8> kOps{"eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in"};
    Json result;
    for (std::size_t n = 1 + pick(2); n > 0; --n) {
      const std::string op(one_of(kOps));
      result[op] = op.ends_with("in") ? Json::array({pick(below), pick(below)}) : Json(pick(below));
    }
    return result;
  }

  Json path_test() {
    static constexpr std::array<std::string_view, 6> kGlobs{"**/shadow",      "/{etc,home}/**", "**/.ssh/*",
                                                            "/**/{mem,maps}", "**.so",          "/proc/*/m??"};
    static constexpr std::array<std::string_view, 6> kRegexes{
        "/\\.ssh/", "^/proc/[0-9]+/mem$", "(^|/)shadow(/|$)", "\\.(so|x)$", "ha", "(?i)/SHADOW$"};
    const std::string text = path();
    Json result;
    switch (pick(7)) {
      case 0:
        result["eq"] = text;
        break;
      case 1:
        result["prefix"] = text.substr(0, 1 + pick(text.size()));
        break;
      case 2:
        result["suffix"] = text.substr(pick(text.size()));
        break;
      case 3:
        result["contains"] = text.substr(pick(text.size() / 2), 2 + pick(8));
        break;
      case 4:
        result["glob"] = some_of(kGlobs);
        break;
      case 5:
        result["regex"] = some_of(kRegexes);
        break;
      default:
        return set_test(kPaths);
    }
    if (pick(4) == 0) {
      result["ignore_case"] = true;
    }
    return result;
  }

  Json test(EventType event) {
    static constexpr std::array<std::string_view, 2> kNames{"sh", "nginx"};
    static constexpr std::array<std::string_view, 2> kIds{"c1", "c2"};
    static constexpr std::array<std::string_view, 2> kNamespaces{"web", "kube-system"};
    static constexpr std::array<std::string_view, 2> kOutcomes{"success", "failure"};
    switch (pick(event == EventType::open || event == EventType::connect ? 16 : 9)) {
      case 0:
        return {{"container.id", pick(2) == 0 ? Json{{"exists", pick(2) == 0}} : set_test(kIds)}};
      case 1:
        return {{"k8s.namespace.name", set_test(kNamespaces)}};
      case 2:
        return {{"event.outcome", set_test(kOutcomes)}};
      case 3:
        return {{"error.code", set_test(kErrors)}};
      case 4:
        return {{"syscall.abi", set_test(kAbis)}};
      case 5:
        return {{"process.user.id", number_test(3)}};
      case 6:
        return {{"process.thread.name", set_test(kComms)}};
      case 7:
        return {{"process.name", set_test(kNames)}};
      case 8:
        return event == EventType::open || event == EventType::unlink ? Json{{"file.path", path_test()}}
                                                                      : Json{{"socket.family", set_test(kFamilies)}};
      default:
        return event == EventType::open ? open_test() : connect_test();
    }
  }
  Json open_test() {
    static constexpr std::array<std::string_view, 5> kFiles{"shadow", "x.so", ".x", "mem", "id_rsa"};
    switch (pick(7)) {
      case 0:
        return {{"file.type", set_test(kKinds)}};
      case 1:
        return {{"file.outside_mount_namespace", pick(2) == 0 ? Json(pick(2) == 0) : Json{{"ne", true}}}};
      case 2:
      case 3: {
        const Json flags = set_test(kFlags);
        return {{"file.open_flags", pick(3) == 0 ? Json{{"every", flags}} : flags}};
      }
      case 4:
        return {{"file.name", set_test(kFiles)}};
      default:
        return {{"file.path", path_test()}};
    }
  }
  Json connect_test() {
    static constexpr std::array<std::string_view, 8> kNetworks{
        "10.0.0.0/8", "127.0.0.0/8", "::1", "fe80::/10", "0.0.0.0/0", "172.16.0.0/12", "8.0.0.0/7", "192.168.0.0/16"};
    static constexpr std::array<std::string_view, 2> kTypes{"ipv4", "ipv6"};
    switch (pick(4)) {
      case 0:
        return {{"destination.port", number_test(5)}};
      case 1:
        return {{"destination.ip", set_test(kAddresses)}};
      case 2:
        return {{"network.type", set_test(kTypes)}};
      default:
        return {{"destination.ip", {{"cidr", some_of(kNetworks)}}}};
    }
  }

  void file(Json& fields, bool failed) {
    fields["file.path"] = path();
    if (const std::string name = fields["file.path"].get<std::string>(); true) {
      fields["file.name"] = name.substr(name.rfind('/') + 1);
    }
    Json flags = some_of(kFlags);
    flags.push_back(pick(2) == 0 ? "read" : "write");
    fields["file.open_flags"] = flags;
    fields["file.outside_mount_namespace"] = !failed && pick(5) == 0;
    if (!failed) {
      fields["file.type"] = one_of(kKinds);
    }
  }
  void connection(Json& fields, bool failed) {
    const std::string family = fields["socket.family"];
    if (family == "AF_UNIX" && !failed) {
      return;
    }
    if (pick(4) != 0) {
      const std::string address = one_of(kAddresses);
      fields["destination.ip"] = address;
      fields["network.type"] = address.find(':') == std::string::npos ? "ipv4" : "ipv6";
      if (pick(5) != 0) {
        fields["destination.port"] = pick(5);
      }
    }
  }

  std::mt19937 random_;
};

LoadedRules random_rules(Generator& random, std::size_t count) {
  Json rules = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const EventType event = kEvents[random.pick(kEvents.size())];
    rules.push_back({{"id", "r" + std::to_string(i)},
                     {"name", "R"},
                     {"severity", "low"},
                     {"event", info(event).name},
                     {"match", random.condition(event, 3)}});
    if (event == EventType::open && random.pick(3) == 0) {
      rules.back()["event"] = random.pick(2) == 0 ? "file.modify" : "file.read";
      rules.back()["match"] = random.condition(EventType::unlink, 3);  // of what all of a family's events have
    }
  }
  LoadedRules loaded = testing::load_text(Json{{"rules", rules}}.dump(1));
  EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  return loaded;
}

struct Counts {
  std::size_t matched = 0;
  std::size_t kept_back = 0;
  std::size_t missed = 0;  // matched and kept back
};

Counts& operator+=(Counts& sum, const Counts& more) {
  sum.matched += more.matched;
  sum.kept_back += more.kept_back;
  sum.missed += more.missed;
  return sum;
}

Counts compare(const Ruleset& rules, const Gates& gates, const std::vector<JsonEventView>& events,
               std::string* missed) {
  Counts counts;
  for (const JsonEventView& event : events) {
    const std::vector<std::string> fired = testing::fired(rules, event);
    const bool passed = passes(gates, gate_traits(event));
    counts.matched += fired.empty() ? 0U : 1U;
    counts.kept_back += passed ? 0U : 1U;
    if (!passed && !fired.empty()) {
      ++counts.missed;
      if (missed != nullptr && missed->empty()) {
        *missed = fired.front();
      }
    }
  }
  return counts;
}

std::vector<JsonEventView> random_events(Generator& random, std::size_t count) {
  std::vector<JsonEventView> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(random.event(kEvents[random.pick(kEvents.size())]));
  }
  return events;
}

unsigned seed() {
  const char* const given = std::getenv("BONGSU_SEED");
  return given == nullptr ? 20261204U : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

TEST(PushdownRandom, WhatMatchesPasses) {
  SCOPED_TRACE("BONGSU_SEED=" + std::to_string(seed()));
  Generator random(seed());
  Counts sum;
  for (std::size_t round = 0; round < 250; ++round) {
    const LoadedRules loaded = random_rules(random, 1 + random.pick(round % 10 == 0 ? 150U : 4U));
    const Gates gates = derive_gates(*loaded.checked);
    std::string missed;
    const std::vector<JsonEventView> events = random_events(random, 150);
    const Counts counts = compare(*loaded.rules, gates, events, &missed);
    ASSERT_EQ(counts.missed, 0U) << "round " << round << ", rule " << missed;
    sum += counts;
  }
  EXPECT_GT(sum.matched, 1'000U);
  EXPECT_GT(sum.kept_back, 1'000U);  // the gates do something
}

// A gate that lost a lane somewhere is found out: else the test above could not fail.
TEST(PushdownRandom, AMutilatedGateIsCaught) {
  Generator random(7);
  std::array<std::size_t, 6> caught{};
  for (std::size_t round = 0; round < 40; ++round) {
    const LoadedRules loaded = random_rules(random, 3);
    const std::vector<JsonEventView> events = random_events(random, 150);
    const auto missed_with = [&](auto&& mutilate) {
      Gates gates = derive_gates(*loaded.checked);
      for (const EventType type : kEvents) {
        if (bongsu_gate& gate = gates.of.at(static_cast<std::size_t>(type)); gate.lanes != 0) {
          mutilate(gate);
        }
      }
      return compare(*loaded.rules, gates, events, nullptr).missed;
    };
    caught[0] += missed_with([](bongsu_gate& gate) { gate.place[0] = 0; });
    caught[1] += missed_with([](bongsu_gate& gate) { gate.outcome[1] = 0; });
    caught[2] += missed_with([](bongsu_gate& gate) { gate.open_flag[0] = 0; });
    caught[3] += missed_with([](bongsu_gate& gate) { gate.address[BONGSU_ADDRESS_IPV4_OTHER] = 0; });
    caught[4] += missed_with([](bongsu_gate& gate) {
      gate.rest[BONGSU_TRAIT_PATH] = 0;
      gate.named |= 1U << BONGSU_TRAIT_PATH;
    });
    Gates no_values = derive_gates(*loaded.checked);
    no_values.values.clear();
    caught[5] += compare(*loaded.rules, no_values, events, nullptr).missed;
  }
  for (const std::size_t count : caught) {
    EXPECT_GT(count, 0U);
  }
}

const LoadedRules& default_rules() {
  static const LoadedRules kLoaded = [] {
    const std::filesystem::path path = std::filesystem::path(BONGSU_SOURCE_DIR) / "rules";
    return load_rules({&path, 1}, 0).value();
  }();
  return kLoaded;
}

// Without the events that are kept back, each rule finds what it found.
void expect_the_same_findings(const std::function<const Gates&(const InlineTest&)>& gates_for, std::size_t& kept_back) {
  LoadedRules loaded = default_rules();
  for (InlineTest& test : loaded.tests) {
    const Gates& gates = gates_for(test);
    kept_back +=
        std::erase_if(test.events, [&](const JsonEventView& event) { return !passes(gates, gate_traits(event)); });
  }
  for (const InlineTestResult& result : run_inline_tests(loaded)) {
    EXPECT_TRUE(result.passed) << result.to_string();
  }
}

TEST(PushdownDefaultRules, FindTheSame) {
  const Gates gates = derive_gates(*default_rules().checked);
  std::size_t kept_back = 0;
  expect_the_same_findings([&](const InlineTest&) -> const Gates& { return gates; }, kept_back);
  EXPECT_GT(kept_back, 0U);
}

// And each alone: a lane that another rule opened hides nothing.
TEST(PushdownDefaultRules, FindTheSameWithGatesOfTheirOwn) {
  std::map<std::string_view, Gates> gates;
  for (const ir::Rule& rule : *default_rules().checked) {
    gates[rule.head.id] = derive_gates({&rule, 1});
  }
  std::size_t kept_back = 0;
  expect_the_same_findings([&](const InlineTest& test) -> const Gates& { return gates.at(test.rule_id); }, kept_back);
  EXPECT_GT(kept_back, 50U);
}

}  // namespace
}  // namespace bongsu
