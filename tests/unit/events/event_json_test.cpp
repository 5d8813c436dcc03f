// SPDX-License-Identifier: Apache-2.0
#include "events/event_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "base/json_document.h"
#include "base/strings.h"
#include "events/record.h"

namespace bongsu {
namespace {

using nlohmann::json;
using std::string_literals::operator""s;

// An event made of what a test puts in.
class FakeEvent final : public EventView {
 public:
  [[nodiscard]] EventType type() const override { return EventType::exec; }
  [[nodiscard]] Value value(FieldId id) const override {
    const auto found = values.find(id);
    return found == values.end() ? Value() : found->second;
  }

  std::map<FieldId, Value> values;
};

std::string written(const EventView& event) {
  std::string out;
  append_event_json(out, event);
  return out;
}

TEST(EventJson, FieldsOfOnePrefixShareOneObject) {
  FakeEvent event;
  const std::string args = "nginx\0-g\0"s;
  event.values = {
      {FieldId::timestamp, Value::date(1'795'246'460'123'456'789)},
      {FieldId::event_action, Value::of("exec")},
      {FieldId::process_pid, Value::of(std::int64_t{42})},
      {FieldId::process_thread_id, Value::of(std::int64_t{43})},
      {FieldId::process_thread_name, Value::of("sh")},
      {FieldId::process_args, Value::of(nul_separated(args))},
      {FieldId::process_interactive, Value::of(false)},
      {FieldId::process_parent_name, Value::of("nginx")},
      {FieldId::process_ancestors_name, Value::of(StringList())},
      {FieldId::container_id, Value::of("c1")},
      {FieldId::event_duration, Value::of(std::int64_t{-7})},
  };
  EXPECT_EQ(written(event),
            R"({"@timestamp":"2026-11-21T07:34:20.123456789Z","event":{"action":"exec","duration":-7},)"
            R"("process":{"pid":42,"thread":{"id":43,"name":"sh"},"args":["nginx","-g"],"interactive":false,)"
            R"("parent":{"name":"nginx"},"ancestors":{"name":[]}},"container":{"id":"c1"}})");
}

TEST(EventJson, NothingOfNothing) {
  const FakeEvent event;
  std::string out = "x";
  append_event_members(out, event);
  EXPECT_EQ(out, "x");
  EXPECT_EQ(written(event), "{}");
}

TEST(EventJson, EachFieldAloneClosesWhatItOpens) {
  for (const FieldInfo& field : fields()) {
    FakeEvent event;
    event.values[field.id] = Value::of("v");
    std::string pointer = "/" + std::string(field.name);
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    json expected;
    expected[json::json_pointer(pointer)] = "v";
    EXPECT_EQ(written(event), expected.dump());
  }
}

TEST(EventJson, AMapStandsBesideTheFieldsOfItsPrefix) {
  FakeEvent event;
  const std::string labels = "app\0web\0app.kubernetes.io/name\0x\0"s;
  event.values = {{FieldId::k8s_namespace_name, Value::of("shop")},
                  {FieldId::k8s_pod_name, Value::of("web-1")},
                  {FieldId::k8s_pod_label, Value::map(nul_separated(labels))},
                  {FieldId::k8s_deployment_name, Value::of("web")}};
  EXPECT_EQ(written(event), R"({"k8s":{"namespace":{"name":"shop"},"pod":{"name":"web-1","label":{"app":"web",)"
                            R"("app.kubernetes.io/name":"x"}},"deployment":{"name":"web"}}})");
}

TEST(EventJson, MembersStandBesideTheCallersOwn) {
  FakeEvent event;
  event.values[FieldId::process_pid] = Value::of(std::int64_t{1});
  std::string out = "{\"rule\":{},";
  append_event_members(out, event);
  EXPECT_EQ(out + "}", R"({"rule":{},"process":{"pid":1}})");
}

// Values of each field's own type, strings of the worst kind; the same as JSON, made by the library.
class RandomEvent {
 public:
  explicit RandomEvent(unsigned seed) : random_(seed) {
    for (const FieldInfo& field : fields()) {
      if (random_() % 3 == 0) {
        continue;
      }
      std::string pointer = "/" + std::string(field.name);
      std::replace(pointer.begin(), pointer.end(), '.', '/');
      add(field, expected[json::json_pointer(pointer)]);
    }
  }

  FakeEvent event;
  json expected = json::object();

 private:
  void add(const FieldInfo& field, json& slot) {
    Value& value = event.values[field.id];
    switch (field.type) {
      case FieldType::boolean:
        slot = random_() % 2 == 0;
        value = Value::of(slot.get<bool>());
        break;
      case FieldType::integer:
        slot = static_cast<std::int64_t>(random_()) << (random_() % 33);
        value = Value::of(slot.get<std::int64_t>());
        break;
      case FieldType::date: {
        const auto ns = static_cast<std::int64_t>(random_()) << (random_() % 32);
        std::string text;
        append_timestamp(text, ns);
        slot = text;
        value = Value::date(ns);
        break;
      }
      case FieldType::string: {
        const std::string& text = keep(false);
        slot = valid(text);
        value = Value::of(std::string_view(text));
        break;
      }
      case FieldType::string_list: {
        const std::string& blob = keep(true);
        slot = json::array();
        const StringList list = nul_separated(blob);
        list.any([&](std::string_view item) {
          slot.push_back(valid(std::string(item)));
          return false;
        });
        value = Value::of(list);
        break;
      }
      case FieldType::string_map: {
        const std::string& blob = keep_entries();
        slot = json::object();
        value = Value::map(nul_separated(blob));
        (void)value.any_entry([&](std::string_view key, std::string_view entry) {
          slot[valid(std::string(key))] = valid(std::string(entry));
          return false;
        });
        break;
      }
    }
  }

  // As valid UTF-8, by the library's own decoder.
  static std::string valid(const std::string& text) {
    return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
  }

  const std::string& keep(bool with_nul) {
    static const std::string kPieces[] = {
        "a",    "/bin/sh", "\"",         "\\",     "\n", "\r\n", "\t", "\x1b[31m", "\xFF", "\xED\xA0\x80",
        "\xC3", "\u00e9",  "\U0001F600", "\u2028", "{",  "}",    ",",  "\x7f",     "\x01"};
    std::string text;
    for (auto count = random_() % 8; count > 0; --count) {
      text += kPieces[random_() % std::size(kPieces)];
      if (with_nul && random_() % 2 == 0) {
        text += '\0';
      }
    }
    kept_.push_back(std::make_unique<std::string>(std::move(text)));
    return *kept_.back();
  }

  // Keys that differ, each before its value.
  const std::string& keep_entries() {
    std::string blob;
    for (auto count = random_() % 4; count > 0; --count) {
      blob += std::to_string(count) + keep(false) + '\0';
      blob += keep(false) + '\0';
    }
    kept_.push_back(std::make_unique<std::string>(std::move(blob)));
    return *kept_.back();
  }

  std::mt19937 random_;
  std::vector<std::unique_ptr<std::string>> kept_;
};

TEST(EventJson, RandomEventsReadBackTheSame) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    const RandomEvent made(seed);
    const std::string line = written(made.event);
    ASSERT_EQ(json::parse(line), made.expected) << "seed " << seed << "\n" << line;
    const auto document = JsonDocument::parse(line);  // refuses a key that stands twice
    ASSERT_TRUE(document.has_value()) << document.error().message << "\n" << line;
    for (const char c : line) {
      ASSERT_GE(static_cast<unsigned char>(c), 0x20) << line;
    }
  }
}

std::string value_json(const Value& value) {
  std::string out;
  append_value_json(out, value);
  return out;
}

std::string value_text(const Value& value) {
  std::string out;
  append_value_text(out, value);
  return out;
}

TEST(ValueJson, Kinds) {
  EXPECT_EQ(value_json(Value()), "null");
  EXPECT_EQ(value_json(Value::of(true)), "true");
  EXPECT_EQ(value_json(Value::of(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(value_json(Value::of("a\nb")), R"("a\nb")");
  EXPECT_EQ(value_json(Value::of("")), R"("")");
  EXPECT_EQ(value_json(Value::of(StringList())), "[]");
  EXPECT_EQ(value_json(Value::map(StringList())), "{}");
  EXPECT_EQ(value_json(Value::date(0)), R"("1970-01-01T00:00:00.000000000Z")");
}

TEST(ValueText, Kinds) {
  const std::string args = "sh\0-c\0a\nb\0"s;
  EXPECT_EQ(value_text(Value()), "");
  EXPECT_EQ(value_text(Value::of(false)), "false");
  EXPECT_EQ(value_text(Value::of(std::int64_t{7})), "7");
  EXPECT_EQ(value_text(Value::of("a\x1b[0m")), R"(a\x1b[0m)");
  EXPECT_EQ(value_text(Value::of(nul_separated(args))), R"(sh -c a\x0ab)");
  EXPECT_EQ(value_text(Value::map(nul_separated(args.substr(0, 6)))), "sh=-c");
  EXPECT_EQ(value_text(Value::date(0)), "1970-01-01T00:00:00.000000000Z");
}

}  // namespace
}  // namespace bongsu
