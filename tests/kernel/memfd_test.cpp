// SPDX-License-Identifier: Apache-2.0
//
// memfd: anonymous files in memory, by the name that the kernel gave them.
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/syscall.h>

#include <cerrno>

#include "support/kernel/calls.h"

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447  // all architectures alike
#endif

namespace bongsu::test {
namespace {

class MemfdTest : public CallsTest {};
BONGSU_BOTH_TRANSPORTS(MemfdTest);

TEST_P(MemfdTest, ByItsName) {
  const std::string longest(249, 'n');  // MFD_NAME_MAX_LEN of mm/memfd.c
  run({EventType::memfd},
      {call(SYS_memfd_create, {text("a name"), num(MFD_CLOEXEC | MFD_ALLOW_SEALING)}),
       call(SYS_memfd_create, {text(longest), num(0)}), call(SYS_memfd_create, {text(""), num(0)}),
       call(SYS_memfd_create, {text("refused"), num(0x40)}), call(SYS_memfd_create, {num(8), num(0)})});
  EXPECT_EQ(told_of(EventType::memfd, 1),
            succeeded("memfd_create", {{"process.memfd.name", "a name"},
                                       {"process.memfd.flags", "MFD_CLOEXEC MFD_ALLOW_SEALING"},
                                       {"file.descriptor", std::to_string(result(0))}}));
  EXPECT_EQ(told_of(EventType::memfd, 2), succeeded("memfd_create", {{"process.memfd.name", longest},
                                                                     {"file.descriptor", std::to_string(result(1))}}));
  EXPECT_EQ(told_of(EventType::memfd, 3), succeeded("memfd_create", {{"file.descriptor", std::to_string(result(2))}}));
  // refused: the argument is all there is
  EXPECT_EQ(
      told_of(EventType::memfd, 4),
      failed("memfd_create", "EINVAL",
             untrusted({{"process.memfd.name", "refused"}, {"process.memfd.flags", ""}, {"file.descriptor", "-1"}})));
  EXPECT_EQ(told_of(EventType::memfd, 5), failed("memfd_create", "EFAULT", untrusted({{"file.descriptor", "-1"}})));
  EXPECT_EQ(sensor().counters().faults[BONGSU_EVENT_memfd][BONGSU_FAULT_USER], 1U);
  const Record* first = record(EventType::memfd);
  ASSERT_NE(first, nullptr);
  expect_task(*first, child().pid(), facts_of(child().pid()));
}

// The kernel may have it switched off; that is told too.
TEST_P(MemfdTest, Secret) {
  run({EventType::memfd}, {call(SYS_memfd_secret, {num(O_CLOEXEC)}), call(SYS_memfd_secret, {num(0x80)})});
  if (result(0) >= 0) {
    EXPECT_EQ(told_of(EventType::memfd, 1),
              succeeded("memfd_secret",
                        {{"process.memfd.flags", "MFD_CLOEXEC"}, {"file.descriptor", std::to_string(result(0))}}));
    EXPECT_EQ(told_of(EventType::memfd, 2), failed("memfd_secret", "EINVAL", {{"file.descriptor", "-1"}}));
  } else {
    ASSERT_EQ(result(0), -ENOSYS);
    EXPECT_EQ(told_of(EventType::memfd, 1),
              failed("memfd_secret", "ENOSYS", {{"process.memfd.flags", "MFD_CLOEXEC"}, {"file.descriptor", "-1"}}));
  }
}

#if defined(__x86_64__)
TEST_P(MemfdTest, By32BitCalls) {
  constexpr int kMemfdCreate = 356;
  run({EventType::memfd}, {call32(kMemfdCreate, {text("narrow"), num(MFD_CLOEXEC)})});
  EXPECT_EQ(told_of(EventType::memfd, 1), succeeded("memfd_create",
                                                    {{"process.memfd.name", "narrow"},
                                                     {"process.memfd.flags", "MFD_CLOEXEC"},
                                                     {"file.descriptor", std::to_string(result(0))}},
                                                    "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
