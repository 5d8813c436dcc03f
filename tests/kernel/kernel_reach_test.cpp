// SPDX-License-Identifier: Apache-2.0
//
// Calls that reach into the kernel: modules, kexec, userfaultfd, io_uring, performance events. What a kernel was built
// without, or refuses, is told as a failure: the tests go by the call's own result.
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include <cstring>

#include "sensor/call_hooks.h"
#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class KernelReachTest : public CallsTest {
 protected:
  [[nodiscard]] Fields as_it_was(std::size_t step, std::string_view call, Fields fields,
                                 std::string_view abi = kNativeAbi) const {
    return result(step) >= 0 ? succeeded(call, std::move(fields), abi)
                             : failed(call, ::strerrorname_np(static_cast<int>(-result(step))), std::move(fields), abi);
  }
  // The descriptor that came of it; -1 of a failure.
  [[nodiscard]] std::string fd(std::size_t step) const { return std::to_string(result(step) < 0 ? -1 : result(step)); }
  // Attempts at loading modules are seen at the calls only, not by the tracepoint.
  static SensorOptions by_calls() {
    SensorOptions options;
    options.hooks = functions_unavailable().empty() ? HookMode::fentry : HookMode::syscall;
    return options;
  }
  static std::string attributes(std::uint32_t type, std::uint64_t config) {
    perf_event_attr attr{};
    attr.type = type;
    attr.size = sizeof(attr);
    attr.config = config;
    attr.disabled = 1;
    std::vector<std::uint64_t> copy(sizeof(attr) / sizeof(std::uint64_t));
    std::memcpy(copy.data(), &attr, sizeof(attr));
    return words(copy);
  }
};
BONGSU_BOTH_TRANSPORTS(KernelReachTest);

TEST_P(KernelReachTest, Modules) {
  const std::string file = make_file("module.ko", "no module");
  const std::string long_name(100, 'm');
  run({EventType::module_load, EventType::module_unload},
      {call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
       call(SYS_finit_module, {result_of(0), text(""), num(0)}),
       call(SYS_init_module, {text("no module"), num(9), text("")}),
       call(SYS_delete_module, {text("bongsu_none"), num(O_NONBLOCK)}),
       call(SYS_delete_module, {text(long_name), num(O_NONBLOCK)}),
       call(SYS_finit_module, {num(-1), text(""), num(0)})},
      nullptr, {}, by_calls());
  EXPECT_EQ(told_of(EventType::module_load, 1),
            as_it_was(1, "finit_module", {{"file.path", file}, {"file.name", "module.ko"}}));
  EXPECT_EQ(told_of(EventType::module_load, 2), as_it_was(2, "init_module", {}));
  EXPECT_EQ(told_of(EventType::module_load, 3), as_it_was(5, "finit_module", {}));
  EXPECT_EQ(told_of(EventType::module_unload, 1),
            as_it_was(3, "delete_module", untrusted({{"kernel.module.name", "bongsu_none"}})));
  EXPECT_EQ(told_of(EventType::module_unload, 2),  // MODULE_NAME_LEN of linux/module.h, with the NUL
            as_it_was(4, "delete_module", untrusted({{"kernel.module.name", long_name.substr(0, 55)}})));
  EXPECT_LT(result(1), 0);
  const Record* unload = record(EventType::module_unload);
  ASSERT_NE(unload, nullptr);
  EXPECT_EQ(unload->as<bongsu_module_unload>().pad, 0U);
  expect_task(*unload, child().pid(), facts_of(child().pid()));
}

TEST_P(KernelReachTest, Kexec) {
  constexpr std::int64_t kPreserveContext = 0x2;                   // include/uapi/linux/kexec.h
  constexpr std::int64_t kOnCrash = 0x1 | std::int64_t{62} << 16;  // and KEXEC_ARCH_X86_64
  constexpr std::int64_t kNoInitramfs = 0x4;
  constexpr std::int64_t kTooMany = 1000;  // segments: no kernel takes them
  const std::string file = make_file("vmlinuz", "no kernel");
  run({EventType::kexec}, {call(SYS_openat, {num(AT_FDCWD), text(file), num(O_RDONLY)}),
                           call(SYS_kexec_file_load, {result_of(0), num(-1), num(0), num(0), num(kNoInitramfs)}),
                           call(SYS_kexec_load, {num(0), num(kTooMany), num(0), num(kPreserveContext)}),
                           call(SYS_kexec_load, {num(0), num(kTooMany), num(0), num(kOnCrash)})});
  EXPECT_LT(result(1), 0);
  EXPECT_LT(result(2), 0);
  EXPECT_EQ(told_of(EventType::kexec, 1),
            as_it_was(1, "kexec_file_load",
                      {{"kexec.flags", "KEXEC_FILE_NO_INITRAMFS"}, {"file.path", file}, {"file.name", "vmlinuz"}}));
  EXPECT_EQ(told_of(EventType::kexec, 2), as_it_was(2, "kexec_load", {{"kexec.flags", "KEXEC_PRESERVE_CONTEXT"}}));
  EXPECT_EQ(told_of(EventType::kexec, 3), as_it_was(3, "kexec_load", {{"kexec.flags", "KEXEC_ON_CRASH"}}));
  const Record* first = record(EventType::kexec);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->as<bongsu_kexec>().pad, 0U);
}

TEST_P(KernelReachTest, UserfaultfdAndIoUring) {
  constexpr std::size_t kParamsBytes = 120;  // struct io_uring_params of include/uapi/linux/io_uring.h
  run({EventType::userfaultfd, EventType::io_uring_setup},
      {call(SYS_userfaultfd, {num(O_CLOEXEC)}), call(SYS_userfaultfd, {num(0x7777)}),
       call(SYS_io_uring_setup, {num(8), buffer(kParamsBytes)}),
       call(SYS_io_uring_setup, {num(0), buffer(kParamsBytes)})});
  EXPECT_EQ(told_of(EventType::userfaultfd, 1), as_it_was(0, "userfaultfd", {{"file.descriptor", fd(0)}}));
  EXPECT_EQ(told_of(EventType::userfaultfd, 2), as_it_was(1, "userfaultfd", {{"file.descriptor", "-1"}}));
  EXPECT_LT(result(1), 0);
  EXPECT_EQ(told_of(EventType::io_uring_setup, 1),
            as_it_was(2, "io_uring_setup", {{"io_uring.entries", "8"}, {"file.descriptor", fd(2)}}));
  EXPECT_EQ(told_of(EventType::io_uring_setup, 2),
            as_it_was(3, "io_uring_setup", {{"io_uring.entries", "0"}, {"file.descriptor", "-1"}}));
  EXPECT_LT(result(3), 0);
  const Record* first = record(EventType::userfaultfd);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->as<bongsu_userfaultfd>().pad, 0U);
  expect_task(*first, child().pid(), facts_of(child().pid()));
}

TEST_P(KernelReachTest, PerfEvents) {
  constexpr std::int64_t kPidCgroup = PERF_FLAG_PID_CGROUP;
  Child other({.args = {trigger("hold")}});
  ASSERT_EQ(other.line(), "ready");
  const auto software = [] { return attributes(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS); };
  run({EventType::perf_event_open},
      {call(SYS_perf_event_open, {software(), num(other.pid()), num(-1), num(-1), num(0)}),
       call(SYS_perf_event_open, {software(), num(0), num(-1), num(-1), num(0)}),
       call(SYS_perf_event_open, {software(), num(-1), num(0), num(-1), num(0)}),
       call(SYS_perf_event_open, {attributes(PERF_TYPE_SOFTWARE, 9999), num(other.pid()), num(-1), num(-1), num(0)}),
       call(SYS_perf_event_open,
            {attributes(PERF_TYPE_TRACEPOINT, 0xffffff), num(0x7ffffffe), num(-1), num(-1), num(0)}),
       call(SYS_perf_event_open, {software(), num(0), num(0), num(-1), num(kPidCgroup)}),
       call(SYS_perf_event_open, {num(8), num(-1), num(0), num(-1), num(0)})});
  const auto of = [](const std::string& type, std::uint64_t config, const std::string& cpu) {
    return Fields{{"perf_event.type", type}, {"perf_event.config", std::to_string(config)}, {"perf_event.cpu", cpu}};
  };
  const auto at = [](Fields fields, std::uint32_t pid, const std::string& comm) {
    fields.emplace("process.target.pid", std::to_string(pid));
    fields.emplace("process.target.thread.name", comm);
    return fields;
  };
  const auto as_told = [this](std::size_t step, Fields fields) {
    return as_it_was(step, "perf_event_open", result(step) < 0 ? untrusted(std::move(fields)) : std::move(fields));
  };
  constexpr std::uint64_t kFaults = PERF_COUNT_SW_PAGE_FAULTS;
  EXPECT_EQ(told_of(EventType::perf_event_open, 1),
            as_told(0, at(of("PERF_TYPE_SOFTWARE", kFaults, "-1"), other.pid(), "hold")));
  EXPECT_EQ(told_of(EventType::perf_event_open, 2),
            as_told(1, at(of("PERF_TYPE_SOFTWARE", kFaults, "-1"), child().pid(), "calls")));
  EXPECT_EQ(told_of(EventType::perf_event_open, 3), as_told(2, of("PERF_TYPE_SOFTWARE", kFaults, "0")));
  EXPECT_LT(result(3), 0);
  EXPECT_EQ(told_of(EventType::perf_event_open, 4),
            as_told(3, at(of("PERF_TYPE_SOFTWARE", 9999, "-1"), other.pid(), "hold")));
  EXPECT_LT(result(4), 0);
  EXPECT_EQ(told_of(EventType::perf_event_open, 5), as_told(4, of("PERF_TYPE_TRACEPOINT", 0xffffff, "-1")));
  EXPECT_EQ(told_of(EventType::perf_event_open, 6), as_told(5, of("PERF_TYPE_SOFTWARE", kFaults, "0")));
  EXPECT_EQ(told_of(EventType::perf_event_open, 7), as_told(6, of("PERF_TYPE_HARDWARE", 0, "0")));
  const Record* first = record(EventType::perf_event_open);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(ticks(first->as<bongsu_perf_event_open>().target.start_ns), facts_of(other.pid()).start_ticks);
}

#if defined(__x86_64__)
TEST_P(KernelReachTest, By32BitCalls) {
  run({EventType::module_load, EventType::module_unload, EventType::kexec, EventType::userfaultfd,
       EventType::io_uring_setup, EventType::perf_event_open},
      {call32(128, {text("no module"), num(9), text("")}), call32(350, {num(-1), text(""), num(0)}),
       call32(129, {text("bongsu_none"), num(O_NONBLOCK)}), call32(283, {num(0), num(1000), num(0), num(2)}),
       call32(374, {num(O_CLOEXEC)}), call32(425, {num(4), buffer(120)}),
       call32(336, {attributes(PERF_TYPE_SOFTWARE, 2), num(-1), num(0), num(-1), num(0)})},
      nullptr, {}, by_calls());
  EXPECT_EQ(told_of(EventType::module_load, 1), as_it_was(0, "init_module", {}, "i386"));
  EXPECT_EQ(told_of(EventType::module_load, 2), as_it_was(1, "finit_module", {}, "i386"));
  EXPECT_EQ(told_of(EventType::module_unload),
            as_it_was(2, "delete_module", untrusted({{"kernel.module.name", "bongsu_none"}}), "i386"));
  EXPECT_EQ(told_of(EventType::kexec), as_it_was(3, "kexec_load", {{"kexec.flags", "KEXEC_PRESERVE_CONTEXT"}}, "i386"));
  EXPECT_EQ(told_of(EventType::userfaultfd), as_it_was(4, "userfaultfd", {{"file.descriptor", fd(4)}}, "i386"));
  EXPECT_EQ(told_of(EventType::io_uring_setup),
            as_it_was(5, "io_uring_setup", {{"io_uring.entries", "4"}, {"file.descriptor", fd(5)}}, "i386"));
  Fields perf = {{"perf_event.type", "PERF_TYPE_SOFTWARE"}, {"perf_event.config", "2"}, {"perf_event.cpu", "0"}};
  EXPECT_EQ(told_of(EventType::perf_event_open),
            as_it_was(6, "perf_event_open", result(6) < 0 ? untrusted(perf) : perf, "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
