// SPDX-License-Identifier: Apache-2.0
//
// Rule sets of any size and events that meet none of them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "events/event_view.h"
#include "events/keyed_field.h"
#include "rules/engine.h"

namespace bongsu::bench {

// An event whose fields cost nothing to read: what is measured is the rules.
class FixedEvent final : public EventView {
 public:
  explicit FixedEvent(EventType type) : type_(type) {}
  FixedEvent& set(FieldId id, Value value) {
    values_.at(static_cast<std::size_t>(id)) = value;
    return *this;
  }
  FixedEvent& set(FieldId id, const std::vector<std::string_view>& items) {
    return set(id, Value::of(StringList(&items, 0, next)));
  }

  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override {
    return is_keyed(id) ? keyed_value(*this, id) : values_[static_cast<std::size_t>(id)];
  }

 private:
  static bool next(const void* source, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
    const auto& items = *static_cast<const std::vector<std::string_view>*>(source);
    if (cursor == items.size()) {
      return false;
    }
    out = items[cursor++];
    return true;
  }

  EventType type_;
  std::array<Value, kFieldCount> values_{};
};

// A shell in a container lists a folder; a program reads its library; a service calls another.
[[nodiscard]] inline std::vector<FixedEvent> everyday_events() {
  static const std::vector<std::string_view> args{"ls", "-l", "--color=auto", "/usr/share/nginx/html/assets/images"};
  static const std::vector<std::string_view> ancestors{"sh", "entrypoint.sh", "tini"};
  const auto text = [](std::string_view value) { return Value::of(value); };
  const auto with_process = [&](EventType type) {
    FixedEvent event(type);
    event.set(FieldId::event_action, text(info(type).name))
        .set(FieldId::process_name, text("ls"))
        .set(FieldId::process_executable, text("/usr/bin/ls"))
        .set(FieldId::process_args, args)
        .set(FieldId::process_command_line, text("ls -l --color=auto /usr/share/nginx/html/assets/images"))
        .set(FieldId::process_pid, Value::of(std::int64_t{4711}))
        .set(FieldId::process_user_id, Value::of(std::int64_t{0}))
        .set(FieldId::process_interactive, Value::of(false))
        .set(FieldId::process_parent_name, text("sh"))
        .set(FieldId::process_parent_executable, text("/usr/bin/dash"))
        .set(FieldId::process_ancestors_name, ancestors)
        .set(FieldId::container_id, text("5d6b8a3a9c0f4f0f9a55e7e0c1d2b3a4f5e6d7c8b9a0f1e2d3c4b5a697887766"));
    return event;
  };
  FixedEvent exec = with_process(EventType::exec);
  FixedEvent open = with_process(EventType::open);
  open.set(FieldId::file_path, text("/usr/lib/x86_64-linux-gnu/libselinux.so.1"))
      .set(FieldId::event_outcome, text("success"));
  FixedEvent connect = with_process(EventType::connect);
  connect.set(FieldId::destination_ip, text("10.43.16.7"))
      .set(FieldId::destination_port, Value::of(std::int64_t{8080}))
      .set(FieldId::event_outcome, text("success"));
  return {exec, open, connect};
}

// Rules as people write them, number `i` of ten kinds in turn: half about exec, a third about open, the rest about
// connect. Texts differ from rule to rule; what they share (container, shells, outcome) many share.
[[nodiscard]] inline std::string rule_text(std::size_t i) {
  const std::string n = std::to_string(i);
  constexpr std::array kEvents{"exec", "open", "exec", "exec", "connect", "open", "connect", "exec", "open", "exec"};
  const std::array<std::string, 10> matches{
      R"("process.name": ["tool)" + n + R"(", "helper)" + n + R"("], "container.id": {"exists": true})",
      R"("file.path": {"prefix": "/etc/service)" + n + R"(/"}, "event.outcome": "success")",
      R"("process.executable": "/opt/vendor/bin/agent)" + n + R"(", "not": {"process.parent.name": ["sh", "cron"]})",
      R"("process.command_line": {"regex": "tool)" + n +
          R"( +--(connect|listen)[= ]"}, "container.id": {"exists": true})",
      R"("destination.ip": {"cidr": "10.)" + std::to_string(64 + i / 250 % 128) + "." + std::to_string(i % 250) +
          R"(.0/24"}, "not": {"destination.port": [443, 80]})",
      R"("file.path": {"glob": "/srv/site)" + n + R"(/**/*.php"}, "process.user.id": 0)",
      R"("destination.port": )" + std::to_string(20'000 + i) + R"(, "process.name": {"not_in": ["curl", "wget"]})",
      R"("any": [{"process.name": "miner)" + n + R"("}, {"process.args": {"prefix": "--pool)" + n + R"("}}],)" +
          R"("not": {"process.ancestors.name": "packer"})",
      R"("file.path": {"suffix": "/.secret)" + n + R"("}, "process.name": {"ne": "backup"})",
      R"("process.parent.name": "server)" + n + R"(", "process.name": ["sh", "bash", "dash", "zsh"])",
  };
  return R"({"id": "r)" + n + R"(", "name": "R", "severity": "low", "event": ")" + kEvents.at(i % 10) +
         R"(", "match": {)" + matches.at(i % 10) + "}}";
}

[[nodiscard]] inline LoadedRules rules_of(std::size_t count) {
  std::vector<RuleSource> sources{{"rules.json", R"({"rules": [)"}};
  for (std::size_t i = 0; i < count; ++i) {
    sources.front().text += (i == 0 ? "" : ",\n") + rule_text(i);
  }
  sources.front().text += "]}";
  return load_rule_sources(std::move(sources), 0);
}

}  // namespace bongsu::bench
