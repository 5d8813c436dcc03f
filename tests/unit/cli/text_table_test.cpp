// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "support/fake_event.h"

namespace bongsu {
namespace {

constexpr std::size_t kColumns = 100;

FakeEvent exec_event(const std::string& name, const std::string& command) {
  FakeEvent event(EventType::exec);
  event.date(FieldId::timestamp, 1'700'000'000'123'000'000)
      .number(FieldId::process_pid, 4194304)  // PID_MAX_LIMIT of linux/threads.h
      .number(FieldId::process_parent_pid, 4194303)
      .number(FieldId::process_user_id, 65534)
      .text(FieldId::process_name, name)
      .text(FieldId::process_command_line, command);
  return event;
}

std::string line_of(const EventView& event) {
  std::string line;
  append_trace_line(line, event);
  return line;
}

TEST(TextTableTest, HeaderAndShortLinesFit) {
  std::string header;
  append_trace_header(header);
  EXPECT_LE(header.size(), kColumns + 1);
  const std::string line = line_of(exec_event("sh", "sh -c id"));
  EXPECT_THAT(line, testing::EndsWith(" sh -c id\n"));
  EXPECT_EQ(line.find("sh  "), header.find("NAME"));
}

TEST(TextTableTest, WhatDoesNotFitIsCutAndSaysSo) {
  const std::string line = line_of(exec_event(std::string(200, 'n'), std::string(500, 'c')));
  EXPECT_EQ(line.size(), kColumns + 1);
  EXPECT_THAT(line, testing::EndsWith("ccc...\n"));
  EXPECT_THAT(line, testing::HasSubstr("nnn..."));
}

TEST(TextTableTest, ACutNeverSplitsACharacter) {
  for (std::size_t lead = 0; lead < 4; ++lead) {
    std::string command(lead, 'x');
    for (int i = 0; i < 60; ++i) {
      command += "\xE7\x83\xBD";  // one character of three bytes
    }
    const std::string line = line_of(exec_event("sh", command));
    EXPECT_LE(line.size(), kColumns + 1);
    const std::size_t end = line.rfind("...");
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(line.substr(end - 3, 3), "\xE7\x83\xBD") << lead;
  }
}

TEST(TextTableTest, ALineIsALineWhateverNamesHold) {
  const std::string line = line_of(exec_event("a\nb\x1b[31m", "x\r\ny\xff"));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\r'), std::string::npos);
}

TEST(TextTableTest, AnExitTellsCodeOrSignal) {
  FakeEvent event(EventType::exit);
  event.number(FieldId::process_exit_code, 7).number(FieldId::event_duration, 1'500'000);
  EXPECT_THAT(line_of(event), testing::EndsWith("code 7 after 1.50 ms\n"));
  event.text(FieldId::process_exit_signal, "SIGKILL").number(FieldId::event_duration, 2'000'000'000);
  EXPECT_THAT(line_of(event), testing::EndsWith("SIGKILL after 2.00 s\n"));
}

}  // namespace
}  // namespace bongsu
