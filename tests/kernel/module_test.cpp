// SPDX-License-Identifier: Apache-2.0
//
// module_load and module_unload of a real module, by the tracepoints: only where the running kernel has its modules at
// hand, as in a VM of scripts/vm. Attempts that fail are in kernel_reach_test.cpp.
#include <sys/prctl.h>
#include <sys/utsname.h>

#include <linux/capability.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

constexpr const char* kModprobe = "/sbin/modprobe";
constexpr const char* kModule = "dummy";  // drivers/net/dummy.c: with numdummies=0 it does nothing

std::vector<TransportKind> where_modules_are() {
  utsname kernel{};
  const bool here = ::uname(&kernel) == 0 && ::access(kModprobe, X_OK) == 0 &&
                    ::prctl(PR_CAPBSET_READ, CAP_SYS_MODULE, 0, 0, 0) == 1 &&
                    std::filesystem::exists(std::string("/lib/modules/") + kernel.release + "/kernel/drivers/net") &&
                    !std::filesystem::exists(std::filesystem::path("/sys/module") / kModule);
  return here ? std::vector{TransportKind::ring, TransportKind::perf} : std::vector<TransportKind>{};
}

class ModuleTest : public KernelTest {
 protected:
  // Runs modprobe to its end: what was told of that.
  Fields told_of(EventType type, std::vector<std::string> args) {
    args.insert(args.begin(), "modprobe");
    Child child({.args = std::move(args), .program = kModprobe});
    const std::uint32_t pid = child.pid();
    EXPECT_EQ(child.finish(), 0);
    const Record* record = wait_for(type, pid);
    return record == nullptr ? Fields{} : told(*record);
  }
};
INSTANTIATE_TEST_SUITE_P(Transport, ModuleTest, testing::ValuesIn(where_modules_are()), transport_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ModuleTest);

TEST_P(ModuleTest, LoadedAndUnloaded) {
  open({EventType::module_load, EventType::module_unload});
  const Fields told = {{"event.outcome", "success"}, {"kernel.module.name", kModule}};
  EXPECT_EQ(told_of(EventType::module_load, {kModule, "numdummies=0"}), told);
  EXPECT_EQ(told_of(EventType::module_unload, {"-r", kModule}), told);
}

}  // namespace
}  // namespace bongsu::test
