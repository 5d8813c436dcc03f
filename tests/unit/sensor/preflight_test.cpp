// SPDX-License-Identifier: Apache-2.0
#include "sensor/preflight.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "support/fake_root.h"

namespace bongsu {
namespace {

class PreflightTest : public testing::Test {
 protected:
  void capabilities(std::uint64_t caps) {
    std::ostringstream status;
    status << "Name:\tbongsu\nCapPrm:\tffffffffffffffff\nCapEff:\t" << std::hex << caps
           << "\nCapBnd:\tffffffffffffffff\n";
    root_.file("proc/self/status", status.str());
  }
  [[nodiscard]] PreflightCheck check(const std::string& name) const {
    const auto checks = preflight(root_.path() / "proc", root_.path() / "sys");
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const auto& one) { return one.name == name; });
    return found == checks.end() ? PreflightCheck{"none of that name", "", fail("")} : *found;
  }

  test::FakeRoot root_;
};

constexpr std::uint64_t bit(int cap) { return 1ULL << cap; }

TEST_F(PreflightTest, RootMayLoad) {
  capabilities(bit(CAP_SYS_ADMIN));
  EXPECT_TRUE(check("privilege").status.has_value());
  EXPECT_EQ(check("privilege").found, "CAP_SYS_ADMIN");
}

TEST_F(PreflightTest, BpfAndPerfmonMayLoad) {
  capabilities(bit(CAP_BPF) | bit(CAP_PERFMON));
  EXPECT_TRUE(check("privilege").status.has_value());
  EXPECT_EQ(check("privilege").found, "CAP_BPF, CAP_PERFMON");
}

TEST_F(PreflightTest, OneOfTheTwoIsNotEnough) {
  for (const int cap : {CAP_BPF, CAP_PERFMON}) {
    capabilities(bit(cap));
    const PreflightCheck privilege = check("privilege");
    ASSERT_FALSE(privilege.status.has_value());
    EXPECT_EQ(privilege.status.error().message, "not permitted to load BPF programs");
    EXPECT_NE(privilege.status.error().hint.find("sudo"), std::string::npos);
  }
}

TEST_F(PreflightTest, WhatPermitsButDoesNotEffectIsNotEnough) {
  root_.file("proc/self/status", "CapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n");
  EXPECT_FALSE(check("privilege").status.has_value());
}

TEST_F(PreflightTest, AStatusThatCannotBeReadIsNoPrivilege) {
  EXPECT_FALSE(check("privilege").status.has_value());
  for (const char* broken : {"", "CapEff:", "CapEff:\t\n", "CapEff:\tnot a number\n", "CapEff"}) {
    root_.file("proc/self/status", broken);
    EXPECT_FALSE(check("privilege").status.has_value()) << broken;
  }
}

TEST_F(PreflightTest, TheKernelDescribesItsTypes) {
  const auto btf = root_.file("sys/kernel/btf/vmlinux", "");
  EXPECT_TRUE(check("BTF").status.has_value());
  EXPECT_EQ(check("BTF").found, btf.string());
}

TEST_F(PreflightTest, WithoutBtfItSaysWhatToDo) {
  const PreflightCheck btf = check("BTF");
  ASSERT_FALSE(btf.status.has_value());
  EXPECT_NE(btf.status.error().message.find("sys/kernel/btf/vmlinux is missing"), std::string::npos);
  EXPECT_NE(btf.status.error().hint.find("CONFIG_DEBUG_INFO_BTF"), std::string::npos);
  EXPECT_EQ(btf.found, "none");
}

TEST_F(PreflightTest, EveryErrorIsOneLine) {
  for (const PreflightCheck& one : preflight(root_.path() / "proc", root_.path() / "sys")) {
    if (!one.status) {
      EXPECT_EQ(one.status.error().to_string().find('\n'), std::string::npos);
      EXPECT_FALSE(one.status.error().hint.empty()) << one.name;
    }
  }
}

}  // namespace
}  // namespace bongsu
