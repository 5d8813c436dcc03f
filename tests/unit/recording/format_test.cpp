// SPDX-License-Identifier: Apache-2.0
#include "recording/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/packing.h"

namespace bongsu {
namespace {

TEST(RecordingHeader, ComesBack) {
  const RecordingHeader header{.program = "1.2.3",
                               .layout = recording_layout(),
                               .host_name = "a \"node\"",
                               .boot_id = "b",
                               .wall_minus_boot_ns = -5,
                               .begun_ns = 1'795'246'460'123'456'789,
                               .scope = "containers",
                               .masked = {"process.args", "file.path"}};
  const auto again = parse_header(header_json(header));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->program, header.program);
  EXPECT_EQ(again->layout, header.layout);
  EXPECT_EQ(again->host_name, header.host_name);
  EXPECT_EQ(again->boot_id, header.boot_id);
  EXPECT_EQ(again->wall_minus_boot_ns, -5);
  EXPECT_EQ(again->begun_ns, header.begun_ns);
  EXPECT_EQ(again->scope, "containers");
  EXPECT_EQ(again->masked, header.masked);
  EXPECT_FALSE(parse_header("{").has_value());
  EXPECT_TRUE(parse_header("[]").has_value()) << "refused by its layout";
}

TEST(RecordingLayout, IsAShortName) { EXPECT_THAT(recording_layout(), testing::MatchesRegex("[0-9a-f]{16}")); }

TEST(Unpacker, NeverReadsBeyondTheEnd) {
  std::string bytes;
  Packer(bytes).number(std::uint32_t{7}).text("seven").number(std::int64_t{-7});
  const auto unpack = [&bytes](std::size_t size) {
    Unpacker unpacker(std::as_bytes(std::span(bytes)).first(size));
    (void)unpacker.number<std::uint32_t>();
    (void)unpacker.text();
    (void)unpacker.number<std::int64_t>();
    return unpacker.whole();
  };
  EXPECT_TRUE(unpack(bytes.size()));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(unpack(size));
  }
  bytes += "more";
  EXPECT_FALSE(unpack(bytes.size()));
}

}  // namespace
}  // namespace bongsu
