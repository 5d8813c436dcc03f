// SPDX-License-Identifier: Apache-2.0
//
// mmap, munmap, mprotect, brk: by their arguments, which are registers, and by their result.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class MemoryTest : public CallsTest {
 protected:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::uint64_t kAt = 0x10000000;  // a place that a static program leaves free

  // The trigger's own start maps memory too: the record is looked for by what it tells.
  void expect_told(EventType type, const Fields& expected) {
    EXPECT_TRUE(poll_until([&] {
      const auto records = all(type, child().pid());
      return std::any_of(records.begin(), records.end(),
                         [&](const Record* record) { return told(*record) == expected; });
    })) << info(type).name
        << " not told:\n"
        << testing::PrintToString(expected) << "\nbut:\n"
        << list_of(type);
  }
  [[nodiscard]] std::string list_of(EventType type) {
    std::string list;
    for (const Record* record : all(type, child().pid())) {
      list += testing::PrintToString(told(*record)) + "\n";
    }
    return list;
  }
  static Fields mapping(std::uint64_t address, std::uint64_t length) {
    return {{"memory.address", std::to_string(address)}, {"memory.length", std::to_string(length)}};
  }
  static Fields with(Fields fields, const Fields& more) {
    fields.insert(more.begin(), more.end());
    return fields;
  }
};
BONGSU_BOTH_TRANSPORTS(MemoryTest);

#if defined(SYS_mmap)
TEST_P(MemoryTest, Mmap) {
  const std::string file = make_file("mapped");
  run({EventType::mmap},
      {call(SYS_mmap,
            {num(0), num(5000), num(PROT_READ | PROT_WRITE), num(MAP_PRIVATE | MAP_ANONYMOUS), num(77), num(0)}),
       call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
       call(SYS_mmap,
            {num(kAt), num(kPage), num(PROT_READ | PROT_EXEC), num(MAP_PRIVATE | MAP_FIXED), result_of(1), num(0)}),
       call(SYS_mmap, {num(kAt), num(kPage), num(PROT_READ), num(MAP_SHARED), num(99), num(0)}),
       call(SYS_mmap, {num(0), num(kPage), num(PROT_READ), num(MAP_SHARED_VALIDATE), result_of(1), num(0)}),
       call(SYS_mmap, {num(0), num(0), num(PROT_NONE), num(MAP_PRIVATE | MAP_ANONYMOUS), num(-1), num(0)})});
  const auto at = [this](std::size_t step) { return static_cast<std::uint64_t>(result(step)); };
  const Fields of_file = {{"file.descriptor", std::to_string(result(1))}, {"file.path", file}, {"file.name", "mapped"}};
  expect_told(EventType::mmap,
              succeeded("mmap", with(mapping(at(0), 5000), {{"memory.protection", "PROT_READ PROT_WRITE"},
                                                            {"memory.flags", "MAP_PRIVATE MAP_ANONYMOUS"},
                                                            {"file.descriptor", "-1"}})));
  expect_told(EventType::mmap,
              succeeded("mmap", with(with(mapping(kAt, kPage), of_file), {{"memory.protection", "PROT_READ PROT_EXEC"},
                                                                          {"memory.flags", "MAP_PRIVATE MAP_FIXED"}})));
  expect_told(
      EventType::mmap,
      failed("mmap", "EBADF",
             with(mapping(kAt, kPage),
                  {{"memory.protection", "PROT_READ"}, {"memory.flags", "MAP_SHARED"}, {"file.descriptor", "99"}})));
  expect_told(EventType::mmap,
              succeeded("mmap", with(with(mapping(at(4), kPage), of_file),
                                     {{"memory.protection", "PROT_READ"}, {"memory.flags", "MAP_SHARED_VALIDATE"}})));
  expect_told(EventType::mmap,
              failed("mmap", "EINVAL",
                     with(mapping(0, 0), {{"memory.flags", "MAP_PRIVATE MAP_ANONYMOUS"}, {"file.descriptor", "-1"}})));
}
#endif

TEST_P(MemoryTest, MunmapAndMprotect) {
  run({EventType::munmap, EventType::mprotect},
      {call(SYS_mmap,
            {num(kAt), num(4 * kPage), num(PROT_READ), num(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED), num(-1), num(0)}),
       call(SYS_mprotect, {num(kAt), num(100), num(PROT_READ | PROT_WRITE | PROT_EXEC)}),
       call(SYS_mprotect, {num(kAt + 1), num(kPage), num(PROT_READ)}),
       call(SYS_pkey_mprotect, {num(kAt), num(2 * kPage), num(PROT_NONE), num(-1)}),
       call(SYS_munmap, {num(kAt), num(4 * kPage)}), call(SYS_munmap, {num(kAt + 1), num(kPage)})});
  expect_told(
      EventType::mprotect,
      succeeded("mprotect", with(mapping(kAt, 100), {{"memory.protection", "PROT_READ PROT_WRITE PROT_EXEC"}})));
  expect_told(EventType::mprotect,
              failed("mprotect", "EINVAL", with(mapping(kAt + 1, kPage), {{"memory.protection", "PROT_READ"}})));
  expect_told(EventType::mprotect, succeeded("pkey_mprotect", mapping(kAt, 2 * kPage)));
  expect_told(EventType::munmap, succeeded("munmap", mapping(kAt, 4 * kPage)));
  expect_told(EventType::munmap, failed("munmap", "EINVAL", mapping(kAt + 1, kPage)));
}

TEST_P(MemoryTest, Brk) {
  run({EventType::brk}, {call(SYS_brk, {num(0)}), call(SYS_brk, {num(8)})});
  EXPECT_EQ(result(1), result(0));  // refused: the old end, and no error
  expect_told(EventType::brk, succeeded("brk", {{"memory.break", std::to_string(result(0))}}));
}

#if defined(__x86_64__)
TEST_P(MemoryTest, By32BitCalls) {
  constexpr int kBrk = 45;
  constexpr int kMmap = 90;
  constexpr int kMunmap = 91;
  constexpr int kMprotect = 125;
  constexpr int kMmap2 = 192;
  constexpr int kPkeyMprotect = 380;
  const std::string file = make_file("mapped");
  constexpr std::uint64_t kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  // The old mmap's arguments lie in memory: address, length, protection, flags, descriptor, offset.
  run({EventType::mmap, EventType::munmap, EventType::mprotect, EventType::brk},
      {call32(kMmap2, {num(0), num(2 * kPage), num(PROT_READ), num(static_cast<std::int64_t>(kAnonymous)), num(-1)}),
       call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
       call32(kMmap, {words({kPage << 32, PROT_READ | kAnonymous << 32, 0xffffffff})}),
       call32(kMmap, {words({kPage << 32, PROT_READ | std::uint64_t{MAP_PRIVATE} << 32, 50})}),
       call32(kMprotect, {result_of(0), num(kPage), num(PROT_READ | PROT_WRITE)}),
       call32(kPkeyMprotect, {result_of(0), num(kPage), num(PROT_READ), num(-1)}),
       call32(kMunmap, {result_of(0), num(kPage)}), call32(kBrk, {num(0)})});
  const auto at = [this](std::size_t step) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(result(step)));
  };
  const Fields anonymous = {
      {"memory.protection", "PROT_READ"}, {"memory.flags", "MAP_PRIVATE MAP_ANONYMOUS"}, {"file.descriptor", "-1"}};
  expect_told(EventType::mmap, succeeded("mmap2", with(mapping(at(0), 2 * kPage), anonymous), "i386"));
  expect_told(EventType::mmap, succeeded("mmap", untrusted(with(mapping(at(2), kPage), anonymous)), "i386"));
  expect_told(EventType::mmap, failed("mmap", "EBADF",
                                      untrusted(with(mapping(0, kPage), {{"memory.protection", "PROT_READ"},
                                                                         {"memory.flags", "MAP_PRIVATE"},
                                                                         {"file.descriptor", "50"}})),
                                      "i386"));
  expect_told(
      EventType::mprotect,
      succeeded("mprotect", with(mapping(at(0), kPage), {{"memory.protection", "PROT_READ PROT_WRITE"}}), "i386"));
  expect_told(EventType::mprotect,
              succeeded("pkey_mprotect", with(mapping(at(0), kPage), {{"memory.protection", "PROT_READ"}}), "i386"));
  expect_told(EventType::munmap, succeeded("munmap", mapping(at(0), kPage), "i386"));
  expect_told(EventType::brk, succeeded("brk", {{"memory.break", std::to_string(at(7))}}, "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
