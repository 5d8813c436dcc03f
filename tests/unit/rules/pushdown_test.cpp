// SPDX-License-Identifier: Apache-2.0
//
// What rules ask of the kernel side, as words and by the tables made of them.
#include "rules/pushdown.h"

#include <gtest/gtest.h>

#include <array>

#include "rules/gate_model.h"
#include "rules/pushdown_words.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

struct Case {
  std::string_view event;
  std::string_view match;
  std::string_view words;  // of each need, with a | between; empty: it cannot be met
};

std::string words_of(std::string_view event, std::string_view match) {
  const LoadedRules loaded = testing::load_text(testing::file_with_match(match, '"' + std::string(event) + '"'));
  EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  std::string text;
  const ir::Rule& rule = loaded.checked->front();
  for (const Need& need : needs_of(rule, 0, rule.steps.front().events.front())) {
    text.append(text.empty() ? "" : " | ").append(need_words(need));
  }
  return text;
}

constexpr std::array kCases{
    Case{"open", R"({"process.name": "sh"})", "every one"},
    Case{"open", R"({"container.id": {"exists": true}})", "in containers"},
    Case{"open", R"({"not": {"container.id": {"exists": true}}})", "on the host"},
    Case{"open", R"({"container.id": {"exists": false}})", "on the host"},
    Case{"open", R"({"container.id": "a"})", "in containers"},
    Case{"open", R"({"container.id": {"ne": "a"}})", "every one"},
    Case{"open", R"({"k8s.namespace.name": {"not_in": ["a"]}, "container.image.name": {"prefix": "b"}})",
         "in containers"},
    Case{"open", R"({"k8s.pod.label.app": "web"})", "in containers"},
    Case{"open", R"({"k8s.node.name": "n"})", "every one"},
    Case{"open", R"({"event.outcome": "failure"})", "failed"},
    Case{"open", R"({"event.outcome": {"ne": "failure"}})", "succeeded"},
    Case{"open", R"({"error.code": ["EACCES", "EPERM"]})", "failed, if with error, then EPERM or EACCES"},
    Case{"open", R"({"error.code": {"ne": "ENOENT"}})", "not with error ENOENT"},
    Case{"open", R"({"error.code": {"exists": false}})", "succeeded"},
    Case{"open", R"({"error.code": "EACCES", "event.outcome": "success"})", ""},
    Case{"open", R"({"syscall.abi": "i386"})", "by i386"},
    Case{"open", R"({"file.open_flags": ["write", "created"]})", "with write or created"},
    Case{"open", R"({"all": [{"file.open_flags": ["read", "write"]}, {"file.open_flags": "created"}]})",
         "with created"},
    Case{"open", R"({"all": [{"file.open_flags": ["read", "write"]}, {"file.open_flags": ["write", "append"]}]})",
         "with write or append"},
    Case{"open", R"({"file.open_flags": {"every": {"in": ["path", "nofollow"]}}})", "with nofollow or path"},
    Case{"open", R"({"file.type": "char_device"})", "of type char_device"},
    Case{"open", R"({"file.outside_mount_namespace": true})", "outside the mount namespace"},
    Case{"open", R"({"file.path_given": {"glob": "**/../../**"}})", "by a path with \"..\" in it"},
    Case{"open", R"({"file.path_given": {"prefix": "../"}})", "by a path with \"..\" in it"},
    Case{"open", R"({"file.path_given": {"contains": "../"}})", "every one"},
    Case{"open", R"({"not": {"file.path_given": {"contains": "/../"}}})", "every one"},
    Case{"open", R"({"file.path": "/etc/shadow", "event.outcome": "success"})",
         "succeeded, where a part of the path is \"shadow\""},
    Case{"open", R"({"file.path": {"suffix": [".Pem", "/shadow"], "ignore_case": true}})",
         "where a part of the path is \"shadow\" or the path ends with \".pem\""},
    Case{"open", R"({"not": {"file.path": "/etc/shadow"}})", "every one"},
    Case{"open", R"({"file.path_given": "/etc/shadow"})", "every one"},
    Case{"open", R"({"any": [{"file.path": "/a/b1"}, {"file.name": "c1"}], "event.outcome": "success"})",
         "succeeded, where a part of the path is \"b1\" or \"c1\""},
    Case{"open", R"({"any": [{"file.path": "/a/b1", "file.open_flags": "write"}, {"container.id": {"exists": true}}]})",
         "with write, where a part of the path is \"b1\" | in containers"},
    Case{"open", R"({"any": [{"file.path": "/a/b1"}, {"process.name": "x"}]})", "every one"},
    Case{"open", R"({"process.user.id": 0})", "user 0"},
    Case{"open", R"({"process.user.id": {"ne": 0}})", "not user 0"},
    Case{"open", R"({"not": {"process.user.id": [0, 7]}})", "not user 0 or 7"},
    Case{"open", R"({"process.user.id": {"gt": 999}})", "not user 999"},
    Case{"open", R"({"process.thread.name": ["Sh", "bash"]})", "by threads named \"bash\" or \"sh\""},
    Case{"open", R"({"process.thread.name": {"ne": "sh"}})", "every one"},
    Case{"unlink", R"({"file.path": "/etc/shadow", "container.id": {"exists": true}})", "in containers"},
    Case{"file.modify", R"({"file.path": "/etc/shadow", "event.outcome": "success"})",
         "succeeded, with write, created or truncate, where a part of the path is \"shadow\""},
    Case{"connect", R"({"socket.family": "AF_UNIX"})", "by AF_UNIX"},
    Case{"connect", R"({"socket.family": {"not_in": ["AF_UNIX", "AF_INET"]}})", "by another family or AF_INET6"},
    Case{"connect", R"({"destination.port": [22, 23]})", "to an address, port 22 or 23"},
    Case{"connect", R"({"destination.port": {"ne": 53}})", "not port 53"},
    Case{"connect", R"({"destination.ip": {"cidr": "10.0.0.0/9"}})", "to private IPv4 or other IPv6"},
    Case{"connect", R"({"destination.ip": ["127.0.0.1", "8.8.8.8"]})", "to IPv4 loopback, other IPv4 or other IPv6"},
    Case{"connect", R"({"not": {"destination.ip": {"cidr": ["10.0.0.0/8", "127.0.0.0/8", "::1"]}}})",
         "to no address, private IPv4, link-local IPv4, other IPv4 or other IPv6"},
    Case{"connect", R"({"not": {"destination.ip": {"cidr": ["10.0.0.0/8", "172.16.0.0/12", "192.0.0.0/4"]}}})",
         "not to private IPv4"},
    Case{"connect", R"({"destination.ip": {"exists": false}})", "to no address"},
    Case{"connect", R"({"network.type": {"exists": true}, "event.outcome": "success"})", "succeeded, not by AF_UNIX"},
};

TEST(Pushdown, InWords) {
  for (const Case& each : kCases) {
    EXPECT_EQ(words_of(each.event, each.match), each.words) << each.match;
  }
}

std::string rule(std::string_view id, std::string_view event, std::string_view match, bool enabled = true) {
  return R"({"id": ")" + std::string(id) + R"(", "name": "N", "severity": "low", "event": ")" + std::string(event) +
         R"(", "match": )" + std::string(match) + (enabled ? "}" : R"(, "enabled": false})");
}

Gates gates_of(const std::string& rules) {
  const LoadedRules loaded = testing::load_text(R"({"rules": [)" + rules + "]}");
  EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  return derive_gates(*loaded.checked);
}

const bongsu_gate& gate(const Gates& gates, EventType type) { return gates.of.at(static_cast<std::size_t>(type)); }

TEST(Pushdown, RulesThatNeedTheSameShareALane) {
  const Gates gates = gates_of(rule("a", "open", R"({"file.path": "/x/a1", "event.outcome": "success"})") + "," +
                               rule("b", "open", R"({"file.path": "/x/b1", "event.outcome": "success"})") + "," +
                               rule("c", "open", R"({"file.path": "/x/c1", "container.id": {"exists": true}})"));
  EXPECT_EQ(gate(gates, EventType::open).lanes, 3U);
  EXPECT_EQ(gates.values.size(), 3U);
  EXPECT_EQ(gate(gates, EventType::open).named, 1U << BONGSU_TRAIT_PATH);
}

TEST(Pushdown, OneRuleWithoutConditionsOpensTheGate) {
  const std::string narrow = rule("a", "open", R"({"file.path": "/x/a1"})");
  EXPECT_NE(gate(gates_of(narrow), EventType::open).lanes, 0U);
  const Gates gates = gates_of(narrow + "," + rule("b", "open", R"({"process.name": "sh"})"));
  EXPECT_EQ(gate(gates, EventType::open).lanes, 0U);
  EXPECT_TRUE(gates.values.empty());
  EXPECT_NE(gate(gates_of(narrow + "," + rule("b", "open", R"({"process.name": "sh"})", false)), EventType::open).lanes,
            0U);
}

TEST(Pushdown, ARuleThatCannotBeMetLetsNothingPass) {
  const Gates gates = gates_of(rule("a", "open", R"({"event.action": "exec"})"));
  EXPECT_FALSE(passes(gates, gate_traits(testing::event_of(EventType::open, "{}"))));
}

TEST(Pushdown, OnlyWhatComesAtTheReturnOfACallHasGates) {
  for (const EventType type : {EventType::open, EventType::connect, EventType::setuid, EventType::dns}) {
    EXPECT_TRUE(is_gated(type)) << info(type).name;
  }
  for (const EventType type :
       {EventType::exec, EventType::fork, EventType::exit, EventType::io_uring, EventType::module_load,
        EventType::signal, EventType::container_start, EventType::drop}) {
    EXPECT_FALSE(is_gated(type)) << info(type).name;
  }
  const Gates gates = gates_of(rule("a", "exec", R"({"container.id": {"exists": true}})"));
  EXPECT_EQ(gate(gates, EventType::exec).lanes, 0U);
}

// The place of one step is that of all; but only where the sequence is about one container.
TEST(Pushdown, StepsAboutOneContainerShareItsPlace) {
  const auto of_open = [](std::string_view by) {
    const LoadedRules loaded = testing::load_text(R"({"rules": [{"id": "s", "name": "S", "severity": "low",
      "sequence": {"by": [")" + std::string(by) + R"("], "within": "1m", "steps": [
        {"event": "exec", "match": {"container.id": {"exists": true}}}, {"event": "open", "match": {}}]}}]})");
    EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
    return need_words(needs_of(loaded.checked->front(), 1, EventType::open).at(0));
  };
  EXPECT_EQ(of_open("container.id"), "in containers");
  EXPECT_EQ(of_open("process.entity_id"), "every one");
}

// 300 signatures, by user id: more than there are lanes, and each still passes.
TEST(Pushdown, ManyLanesBecomeFewer) {
  std::string rules;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    rules += (i == 0 ? "" : ",") + rule("r" + number, "open",
                                        R"({"process.user.id": )" + number +
                                            R"(, "event.outcome": "success", "file.path": "/x/p)" + number + "\"}");
  }
  const Gates gates = gates_of(rules);
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_TRUE(passes(gates, gate_traits(testing::event_of(
                                  EventType::open, R"({"event.outcome": "success", "process.user.id": )" + number +
                                                       R"(, "file.path": "/x/p)" + number + "\"}"))));
  }
  EXPECT_FALSE(passes(
      gates, gate_traits(testing::event_of(EventType::open, R"({"event.outcome": "success", "file.path": "/x/p"})"))));
}

// More names than there is room for: their lane goes by every path, the other keeps its names.
TEST(Pushdown, ValuesAreBounded) {
  std::string names = "[";
  for (std::size_t i = 0; i < kMostGateValues; ++i) {
    names.append(i == 0 ? "" : ",").append("\"/x/n" + std::to_string(i) + '"');
  }
  const std::string outcome = R"("event.outcome": "success")";
  const Gates gates = gates_of(
      rule("a", "open", "{" + outcome + R"(, "container.id": {"exists": true}, "file.path": )" + names + "]}") + "," +
      rule("b", "open", "{" + outcome + R"(, "container.id": {"exists": false}, "file.path": "/x/key"})"));
  EXPECT_EQ(gates.values.size(), 1U);
  const auto passes_there = [&](const std::string& fields) {
    return passes(gates, gate_traits(testing::event_of(EventType::open, "{" + outcome + fields + "}")));
  };
  EXPECT_TRUE(passes_there(R"(, "container.id": "c", "file.path": "/anything")"));
  EXPECT_FALSE(passes_there(R"(, "file.path": "/anything")"));
  EXPECT_TRUE(passes_there(R"(, "file.path": "/x/key")"));
}

TEST(Pushdown, PartsOfAPathAreWholeAndOfAnyCase) {
  const Gates gates =
      gates_of(rule("a", "open", R"({"file.path": {"contains": "/Secrets/"}, "event.outcome": "success"})"));
  const auto passes_there = [&](const std::string& path) {
    return passes(gates, gate_traits(testing::event_of(
                             EventType::open, R"({"event.outcome": "success", "file.path": ")" + path + "\"}")));
  };
  EXPECT_TRUE(passes_there("/a/Secrets/b"));
  EXPECT_TRUE(passes_there("/secrets"));
  EXPECT_FALSE(passes_there("/a/secret/b"));
  EXPECT_FALSE(passes_there("/a/xsecrets/b"));
  EXPECT_TRUE(passes_there("...cut/off"));  // the kernel side has no whole path
}

}  // namespace
}  // namespace bongsu
