// SPDX-License-Identifier: Apache-2.0
#include "events/reference.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace bongsu {
namespace {

using nlohmann::json;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    result.push_back(line);
  }
  return result;
}

// '|' without a backslash before it.
std::size_t cells(const std::string& line) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    count += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1U : 0U;
  }
  return count;
}

TEST(Reference, IsTheSameEachTime) {
  EXPECT_EQ(events_markdown(), events_markdown());
  EXPECT_EQ(events_json(), events_json());
  EXPECT_EQ(events_text(), events_text());
}

TEST(Reference, JsonHoldsTheWholeTable) {
  const json reference = json::parse(events_json());
  ASSERT_EQ(reference["events"].size(), events().size() - 1);
  ASSERT_EQ(reference["fields"].size(), fields().size());
  for (std::size_t i = 0; i < fields().size(); ++i) {
    const FieldInfo& field = fields()[i];
    EXPECT_EQ(reference["fields"][i], json({{"name", field.name},
                                            {"type", to_string(field.type)},
                                            {"unit", to_string(field.unit)},
                                            {"scope", to_string(field.scope)},
                                            {"doc", field.doc}}));
  }
  for (const json& entry : reference["events"]) {
    const auto type = find_event(entry["name"].get<std::string>());
    ASSERT_TRUE(type) << entry;
    EXPECT_EQ(entry["family"], info(*type).family);
    EXPECT_EQ(entry["doc"], info(*type).doc);
    std::size_t count = 0;
    for (const FieldInfo& field : fields()) {
      count += has_field(*type, field.id) ? 1U : 0U;
    }
    EXPECT_EQ(entry["fields"].size(), count);
    for (const json& name : entry["fields"]) {
      const auto field = find_field(name.get<std::string>());
      ASSERT_TRUE(field) << name;
      EXPECT_TRUE(has_field(*type, *field)) << name;
    }
    EXPECT_EQ(entry["rungs"].size(), rungs(*type).size());
    for (std::size_t i = 0; i < entry["rungs"].size(); ++i) {
      const HookInfo hook = rungs(*type)[i];
      EXPECT_EQ(entry["rungs"][i],
                json({{"rung", hook.rung}, {"program", hook.program}, {"hook", hook.attach}, {"blind", hook.blind}}));
    }
  }
}

TEST(Reference, MarkdownHoldsEveryEventAndField) {
  const auto all = lines(events_markdown());
  for (const EventInfo& event : events().subspan(1)) {
    EXPECT_THAT(all, testing::Contains("#### " + std::string(event.name)).Times(1));
  }
  for (const std::string_view family : families()) {
    EXPECT_THAT(all, testing::Contains("### " + std::string(family)).Times(1));
  }
  for (const FieldInfo& field : fields()) {
    const auto starts =
        testing::StartsWith("| `" + std::string(field.name) + "` | " + std::string(to_string(field.type)) + " |");
    EXPECT_THAT(all, testing::Contains(starts).Times(1)) << field.name;
  }
  for (const HookInfo& hook : hooks()) {
    EXPECT_THAT(all, testing::Contains(testing::HasSubstr("`" + std::string(hook.attach) + "`"))) << hook.attach;
  }
}

TEST(Reference, MarkdownIsWellLaidOut) {
  const std::string text = events_markdown();
  EXPECT_TRUE(text.ends_with("|\n"));
  EXPECT_EQ(text.find("\n\n\n"), std::string::npos);
  std::size_t columns = 0;  // of the table that the line is in
  for (const std::string& line : lines(text)) {
    EXPECT_FALSE(line.ends_with(' ')) << line;
    if (!line.starts_with('|')) {
      columns = 0;
      continue;
    }
    columns = columns == 0 ? cells(line) : columns;
    EXPECT_EQ(cells(line), columns) << line;
  }
}

TEST(Reference, TextFitsAHundredColumns) {
  const std::string text = events_text();
  for (const std::string& line : lines(text)) {
    EXPECT_LE(line.size(), 100u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_FALSE(text.ends_with("\n\n"));
}

TEST(Reference, TextHoldsEveryEventAndFieldWithItsWholeDoc) {
  // Wrapping only turns spaces into line breaks and indents.
  std::string flat;
  for (const char c : events_text()) {
    const char as_space = c == '\n' ? ' ' : c;
    if (as_space != ' ' || !flat.ends_with(' ')) {
      flat += as_space;
    }
  }
  for (const EventInfo& event : events().subspan(1)) {
    EXPECT_THAT(flat, testing::HasSubstr(" " + std::string(event.name) + " " + std::string(event.doc)));
  }
  for (const FieldInfo& field : fields()) {
    EXPECT_THAT(flat, testing::HasSubstr(" " + std::string(field.name) + " " + std::string(to_string(field.type)) +
                                         " " + std::string(field.doc)));
  }
}

TEST(Reference, OwnFieldsAreThoseOfSingleEvents) {
  std::vector<std::string_view> names;
  for (const FieldInfo& field : own_fields(EventType::exit)) {
    names.push_back(field.name);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("process.exit_code", "process.exit_signal", "event.duration"));
  EXPECT_TRUE(own_fields(EventType::fork).empty());
  EXPECT_THAT(events_with(FieldId::process_exit_code), testing::SizeIs(1));
}

}  // namespace
}  // namespace bongsu
