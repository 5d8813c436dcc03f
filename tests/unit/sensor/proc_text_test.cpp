// SPDX-License-Identifier: Apache-2.0
#include "sensor/proc_text.h"

#include <gtest/gtest.h>

namespace bongsu {
namespace {

// Real lines of Linux 6.
constexpr std::string_view kStat =
    "4242 (sh) S 4240 4242 4242 34817 4250 4194304 1000 2000 0 0 1 2 3 4 20 0 1 0 987654 2621440 900 "
    "18446744073709551615 "
    "1 1 0 0 0 0 0 4096 65538 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

TEST(ProcTextTest, Stat) {
  const auto stat = parse_proc_stat(kStat);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->pid, 4242U);
  EXPECT_EQ(stat->comm, "sh");
  EXPECT_EQ(stat->parent_pid, 4240U);
  EXPECT_EQ(stat->tty_major, 136);  // /dev/pts/1
  EXPECT_EQ(stat->tty_minor, 1);
  EXPECT_EQ(stat->start_ticks, 987654U);
}

TEST(ProcTextTest, AMinorOfManyBitsIsPutTogether) {
  // makedev(136, 300): 300 = 0x12c; its upper bits stand above the major.
  std::string text(kStat);
  text.replace(text.find("34817"), 5, std::to_string((0x100 << 12) | (136 << 8) | 0x2c));
  const auto stat = parse_proc_stat(text);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->tty_major, 136);
  EXPECT_EQ(stat->tty_minor, 300);
}

TEST(ProcTextTest, ACommMayLookLikeTheRestOfTheLine) {
  std::string text(kStat);
  text.replace(text.find("(sh)"), 4, "(a) R 1 (\n b) Z)");
  const auto stat = parse_proc_stat(text);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->comm, "a) R 1 (\n b) Z");
  EXPECT_EQ(stat->parent_pid, 4240U);
  EXPECT_EQ(stat->start_ticks, 987654U);
}

TEST(ProcTextTest, WhatIsNoStatLineIsNothing) {
  for (const char* text : {"", "x", "1 (a) S", "1 (a) ", "x (a) S 1 1 1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5 ", ") (",
                           "1 (a) S x 1 1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5 "}) {
    EXPECT_FALSE(parse_proc_stat(text).has_value()) << text;
  }
}

TEST(ProcTextTest, Status) {
  const ProcStatus status = parse_proc_status(
      "Name:\tUid:\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9\nCapInh:\t0\nCapEff:\t000001ffffffffff\nCapBnd:"
      "\t1\n");
  EXPECT_EQ(status.uid, 1U);
  EXPECT_EQ(status.euid, 2U);
  EXPECT_EQ(status.gid, 5U);
  EXPECT_EQ(status.egid, 6U);
  EXPECT_EQ(status.cap_effective, 0x1ffffffffffU);
}

TEST(ProcTextTest, NamespaceLink) {
  EXPECT_EQ(parse_namespace_link("mnt:[4026531841]"), 4026531841U);
  for (const char* text : {"", "mnt", "mnt:[", "mnt:[]", "mnt:[x]", "mnt:[1", "mnt:[99999999999]"}) {
    EXPECT_EQ(parse_namespace_link(text), 0U) << text;
  }
}

}  // namespace
}  // namespace bongsu
