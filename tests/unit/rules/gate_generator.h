// SPDX-License-Identifier: Apache-2.0
//
// Random conditions on what the kernel side knows of an event, and some on what it does not; and events as the kernel
// could make them.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>

#include "unit/rules/rules_testing.h"

namespace bongsu::testing {

inline constexpr std::array kGatedEvents{EventType::open, EventType::connect, EventType::unlink, EventType::socket};

class GateGenerator {
 public:
  using Json = nlohmann::json;

  explicit GateGenerator(unsigned seed) : random_(seed) {}

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
    return event_of(type, fields.dump());
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
  Json flags_test() {
    const Json flags = set_test(kFlags);
    return {{"file.open_flags", pick(3) == 0 ? Json{{"every", flags}} : flags}};
  }
  Json open_test() {
    static constexpr std::array<std::string_view, 5> kFiles{"shadow", "x.so", ".x", "mem", "id_rsa"};
    switch (pick(7)) {
      case 0:
        return {{"file.type", set_test(kKinds)}};
      case 1:
        return {{"file.outside_mount_namespace", pick(2) == 0 ? Json(pick(2) == 0) : Json{{"ne", true}}}};
      case 2:
        return flags_test();
      case 3:  // an open has several flags: each test may be about another
        return {{"all", {flags_test(), flags_test()}}};
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

}  // namespace bongsu::testing
