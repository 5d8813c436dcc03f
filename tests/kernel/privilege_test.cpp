// SPDX-License-Identifier: Apache-2.0
//
// capset and keyctl.
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class CapsetTest : public CallsTest {
 protected:
  static constexpr std::uint64_t bit(int capability) { return 1ULL << capability; }
  // struct __user_cap_header_struct and two of __user_cap_data_struct (include/uapi/linux/capability.h).
  static std::string header(std::uint32_t version) { return words({version}); }
  static std::string sets(std::uint64_t effective, std::uint64_t permitted, std::uint64_t inheritable) {
    constexpr std::uint64_t kLow = 0xffffffff;
    return words({(effective & kLow) | (permitted & kLow) << 32, (inheritable & kLow) | (effective >> 32) << 32,
                  (permitted >> 32) | (inheritable >> 32) << 32});
  }
};
BONGSU_BOTH_TRANSPORTS(CapsetTest);

TEST_P(CapsetTest, DownAndUp) {
  const std::uint64_t kept = bit(CAP_KILL) | bit(CAP_SYSLOG);  // one of the lower half, one of the upper
  run({EventType::capset},
      {call(SYS_capset, {header(_LINUX_CAPABILITY_VERSION_3), sets(bit(CAP_SYSLOG), kept, bit(CAP_KILL))}),
       call(SYS_capset, {header(_LINUX_CAPABILITY_VERSION_3), sets(bit(CAP_SYS_ADMIN) | bit(CAP_AUDIT_READ), kept, 0)}),
       call(SYS_capset,
            {header(_LINUX_CAPABILITY_VERSION_1), sets(bit(CAP_CHOWN) | bit(CAP_SYSLOG), bit(CAP_CHOWN), 0)}),
       call(SYS_capset, {header(_LINUX_CAPABILITY_VERSION_3), sets(0, 0, 0)}), call(SYS_capset, {num(8), num(8)})});
  EXPECT_EQ(told_of(EventType::capset, 1), succeeded("capset", {{"capabilities.effective", "CAP_SYSLOG"},
                                                                {"capabilities.permitted", "CAP_KILL CAP_SYSLOG"},
                                                                {"capabilities.inheritable", "CAP_KILL"}}));
  EXPECT_EQ(told_of(EventType::capset, 2), failed("capset", "EPERM",
                                                  untrusted({{"capabilities.effective", "CAP_SYS_ADMIN CAP_AUDIT_READ"},
                                                             {"capabilities.permitted", "CAP_KILL CAP_SYSLOG"}})));
  // of version 1 only 32 bits count
  EXPECT_EQ(told_of(EventType::capset, 3),
            failed("capset", "EPERM",
                   untrusted({{"capabilities.effective", "CAP_CHOWN"}, {"capabilities.permitted", "CAP_CHOWN"}})));
  EXPECT_EQ(told_of(EventType::capset, 4), succeeded("capset", {}));
  EXPECT_EQ(told_of(EventType::capset, 5), failed("capset", "EFAULT", untrusted({})));
  EXPECT_EQ(sensor().counters().faults[BONGSU_EVENT_capset][BONGSU_FAULT_USER], 1U);
  const Record* first = record(EventType::capset);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->task().cap_effective, bit(CAP_SYSLOG));  // the record's task is as it is after the call
}

#if defined(__x86_64__)
TEST_P(CapsetTest, ByA32BitCall) {
  constexpr int kCapset = 185;
  run({EventType::capset}, {call32(kCapset, {header(_LINUX_CAPABILITY_VERSION_3), sets(0, bit(CAP_CHOWN), 0)}),
                            call32(kCapset, {header(_LINUX_CAPABILITY_VERSION_3), sets(0, bit(CAP_KILL), 0)})});
  EXPECT_EQ(told_of(EventType::capset, 1), succeeded("capset", {{"capabilities.permitted", "CAP_CHOWN"}}, "i386"));
  EXPECT_EQ(told_of(EventType::capset, 2),
            failed("capset", "EPERM", untrusted({{"capabilities.permitted", "CAP_KILL"}}), "i386"));
}
#endif

class KeyctlTest : public CallsTest {
 protected:
  static Fields of(const std::string& operation) { return {{"keyctl.operation", operation}}; }
  // The kernel may be built without keys, or refuse them (in a container): that is told as it is.
  [[nodiscard]] Fields as_it_was(std::size_t step, std::string_view call, Fields fields,
                                 std::string_view abi = kNativeAbi) const {
    return result(step) >= 0 ? succeeded(call, std::move(fields), abi)
                             : failed(call, ::strerrorname_np(static_cast<int>(-result(step))), std::move(fields), abi);
  }
};
BONGSU_BOTH_TRANSPORTS(KeyctlTest);

TEST_P(KeyctlTest, EachCall) {
  run({EventType::keyctl},
      {call(SYS_add_key, {text("user"), text("bongsu:test"), text("secret"), num(6), num(KEY_SPEC_PROCESS_KEYRING)}),
       call(SYS_keyctl, {num(KEYCTL_READ), result_of(0), buffer(16), num(16)}),
       call(SYS_request_key, {text("user"), text("bongsu:none"), num(0), num(0)}),
       call(SYS_keyctl, {num(KEYCTL_WATCH_KEY), num(0), num(-1), num(0)}), call(SYS_keyctl, {num(999)}),
       call(SYS_keyctl, {num(KEYCTL_GET_KEYRING_ID), num(KEY_SPEC_PROCESS_KEYRING), num(0)})});
  EXPECT_EQ(told_of(EventType::keyctl, 1), as_it_was(0, "add_key", of("ADD_KEY")));
  EXPECT_EQ(told_of(EventType::keyctl, 2), as_it_was(1, "keyctl", of("KEYCTL_READ")));
  EXPECT_EQ(told_of(EventType::keyctl, 3), as_it_was(2, "request_key", of("REQUEST_KEY")));
  EXPECT_EQ(told_of(EventType::keyctl, 4), as_it_was(3, "keyctl", of("KEYCTL_WATCH_KEY")));
  EXPECT_EQ(told_of(EventType::keyctl, 5), as_it_was(4, "keyctl", of("unknown")));
  EXPECT_EQ(told_of(EventType::keyctl, 6), as_it_was(5, "keyctl", of("KEYCTL_GET_KEYRING_ID")));
  const Record* first = record(EventType::keyctl);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->as<bongsu_keyctl>().pad, 0U);
  expect_task(*first, child().pid(), facts_of(child().pid()));
}

#if defined(__x86_64__)
TEST_P(KeyctlTest, By32BitCalls) {
  constexpr int kAddKey = 286;
  constexpr int kRequestKey = 287;
  constexpr int kKeyctl = 288;
  run({EventType::keyctl},
      {call32(kAddKey, {text("user"), text("bongsu:test"), text("secret"), num(6), num(KEY_SPEC_PROCESS_KEYRING)}),
       call32(kRequestKey, {text("user"), text("bongsu:none"), num(0), num(0)}),
       call32(kKeyctl, {num(KEYCTL_REVOKE), result_of(0)})});
  EXPECT_EQ(told_of(EventType::keyctl, 1), as_it_was(0, "add_key", of("ADD_KEY"), "i386"));
  EXPECT_EQ(told_of(EventType::keyctl, 2), as_it_was(1, "request_key", of("REQUEST_KEY"), "i386"));
  EXPECT_EQ(told_of(EventType::keyctl, 3), as_it_was(2, "keyctl", of("KEYCTL_REVOKE"), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
