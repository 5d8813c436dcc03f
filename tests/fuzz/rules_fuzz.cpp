// SPDX-License-Identifier: Apache-2.0
//
// Any text as a rule file: read, checked, compiled, asked about events, its own tests run, its findings told. Nothing
// may crash, hang or grow.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "rules/engine.h"
#include "rules/message.h"

namespace {

using bongsu::EventType;
using bongsu::FieldId;
using bongsu::Value;

// Answers every field with a value of its type.
class FullEvent final : public bongsu::EventView {
 public:
  explicit FullEvent(EventType type) : type_(type) {}
  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override {
    switch (bongsu::info(id).type) {
      case bongsu::FieldType::boolean:
        return Value::of(true);
      case bongsu::FieldType::integer:
        return Value::of(std::int64_t{7});
      case bongsu::FieldType::string:
        return Value::of(std::string_view("/usr/bin/sh\n\xff"));
      case bongsu::FieldType::string_list:
        return Value::of(bongsu::StringList(nullptr, 0, next));
      case bongsu::FieldType::date:
        return Value::date(1);
      case bongsu::FieldType::string_map:
        return Value::map(bongsu::StringList(nullptr, 0, next));
    }
    return {};
  }

 private:
  static bool next(const void* /*source*/, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
    out = cursor == 0 ? "sh" : "10.0.0.1";
    return cursor++ < 2;
  }
  EventType type_;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<bongsu::RuleSource> sources;
  sources.push_back({"fuzz.json", std::string(reinterpret_cast<const char*>(data), size)});
  const bongsu::LoadedRules loaded = bongsu::load_rule_sources(std::move(sources), 0);
  for (const bongsu::Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.to_string().find('\n') != std::string::npos) {
      std::abort();
    }
  }
  if (loaded.rules == nullptr) {
    return 0;
  }
  for (const bongsu::EventInfo& event : bongsu::events()) {
    const FullEvent full(event.type);
    loaded.rules->judge(full, [&](const bongsu::Match& match) {
      const bongsu::Rule& rule = loaded.rules->rules()[match.rule];
      if (bongsu::render_message(rule, full).find('\n') != std::string::npos) {
        std::abort();
      }
    });
  }
  for (const bongsu::InlineTestResult& result : bongsu::run_inline_tests(loaded)) {
    static_cast<void>(result.to_string());
  }
  return 0;
}
