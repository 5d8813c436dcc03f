// SPDX-License-Identifier: Apache-2.0
//
// bpf: what programs and maps other processes make. The attributes hold pointers, so the calls are made here and not by
// the trigger `calls`.
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

long bpf(int command, bpf_attr& attr) { return ::syscall(SYS_bpf, command, &attr, sizeof(attr)); }

long make_array(std::string_view name, std::uint32_t key_bytes) {
  bpf_attr attr{};
  attr.map_type = BPF_MAP_TYPE_ARRAY;
  attr.key_size = key_bytes;
  attr.value_size = 8;
  attr.max_entries = 1;
  std::copy(name.begin(), name.end(), attr.map_name);
  return bpf(BPF_MAP_CREATE, attr);
}

long load_filter(std::string_view name, std::uint8_t last_code) {
  // r0 = 0; exit
  std::array<bpf_insn, 2> code{};
  code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
  code[1].code = last_code;
  bpf_attr attr{};
  attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attr.insn_cnt = code.size();
  attr.insns = reinterpret_cast<std::uint64_t>(code.data());
  attr.license = reinterpret_cast<std::uint64_t>("GPL");
  std::copy(name.begin(), name.end(), attr.prog_name);
  return bpf(BPF_PROG_LOAD, attr);
}

class BpfCallTest : public CallsTest {
 protected:
  void run_in_child(const std::function<void()>& body) {
    open({EventType::bpf});
    child_ = std::make_unique<Child>(ChildOptions{.args = {"none"}, .before_exec = [&body] {
                                                    body();
                                                    ::_exit(0);
                                                  }});
    pid_ = child_->pid();
    EXPECT_EQ(child_->finish(), 0);
  }
  [[nodiscard]] Fields nth(std::size_t n) {
    const Record* found = wait_for(EventType::bpf, pid_, n);
    return found == nullptr ? Fields{} : told(*found);
  }
  [[nodiscard]] std::uint32_t pid() const { return pid_; }

 private:
  std::unique_ptr<Child> child_;
  std::uint32_t pid_ = 0;
};
BONGSU_BOTH_TRANSPORTS(BpfCallTest);

TEST_P(BpfCallTest, ProgramsAndMaps) {
  run_in_child([] {
    must(make_array("a_map", 4) >= 0, "make a map");
    must(make_array("wrong_map", 3) < 0, "make a wrong map");
    must(load_filter("a_program", BPF_JMP | BPF_EXIT) >= 0, "load a program");
    must(load_filter("wrong_program", 0xff) < 0, "load a wrong program");
    must(make_array("", 4) >= 0, "make a map without a name");
  });
  EXPECT_EQ(nth(1), succeeded("bpf", {{"bpf.command", "BPF_MAP_CREATE"}, {"bpf.program.name", "a_map"}}));
  EXPECT_EQ(nth(2),
            failed("bpf", "EINVAL", untrusted({{"bpf.command", "BPF_MAP_CREATE"}, {"bpf.program.name", "wrong_map"}})));
  EXPECT_EQ(nth(3), succeeded("bpf", {{"bpf.command", "BPF_PROG_LOAD"},
                                      {"bpf.program.type", "BPF_PROG_TYPE_SOCKET_FILTER"},
                                      {"bpf.program.name", "a_program"}}));
  EXPECT_EQ(nth(4), failed("bpf", "EINVAL",
                           untrusted({{"bpf.command", "BPF_PROG_LOAD"},
                                      {"bpf.program.type", "BPF_PROG_TYPE_SOCKET_FILTER"},
                                      {"bpf.program.name", "wrong_program"}})));
  EXPECT_EQ(nth(5), succeeded("bpf", {{"bpf.command", "BPF_MAP_CREATE"}}));
  const Record* first = wait_for(EventType::bpf, pid());
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->as<bongsu_bpf>().pad, 0U);
}

// What reads and writes entries is not told, what gets at another's map is.
TEST_P(BpfCallTest, QuietCommands) {
  run_in_child([] {
    const long map = make_array("a_map", 4);
    must(map >= 0, "make a map");
    std::uint32_t key = 0;
    std::uint64_t value = 7;
    bpf_attr attr{};
    attr.map_fd = static_cast<std::uint32_t>(map);
    attr.key = reinterpret_cast<std::uint64_t>(&key);
    attr.value = reinterpret_cast<std::uint64_t>(&value);
    must(bpf(BPF_MAP_UPDATE_ELEM, attr) == 0, "update");
    must(bpf(BPF_MAP_LOOKUP_ELEM, attr) == 0, "look up");
    attr = {};
    must(bpf(BPF_MAP_GET_NEXT_ID, attr) == 0, "next id");
    attr = {};
    attr.map_id = 0xfffffff0;
    must(bpf(BPF_MAP_GET_FD_BY_ID, attr) < 0, "get a map that is not there");
    must(::syscall(SYS_bpf, 63, nullptr, 0) < 0, "an unknown command");
  });
  EXPECT_EQ(nth(1), succeeded("bpf", {{"bpf.command", "BPF_MAP_CREATE"}, {"bpf.program.name", "a_map"}}));
  EXPECT_EQ(nth(2), failed("bpf", "ENOENT", {{"bpf.command", "BPF_MAP_GET_FD_BY_ID"}}));
  EXPECT_EQ(nth(3)["bpf.command"], "unknown");
  ASSERT_NE(wait_for(EventType::exit, pid()), nullptr);
  EXPECT_EQ(all(EventType::bpf, pid()).size(), 3U);
}

#if defined(__x86_64__)
TEST_P(BpfCallTest, ByA32BitCall) {
  constexpr int kBpf = 357;
  // union bpf_attr of MAP_CREATE: type 2 (array), key 4, value 8, one entry; the name at 28
  run({EventType::bpf}, {call32(kBpf, {num(BPF_MAP_CREATE),
                                       words({2 | 4ULL << 32, 8 | 1ULL << 32, 0, 0x6261ULL << 32, 0, 0}), num(48)})});
  EXPECT_EQ(told_of(EventType::bpf),
            succeeded("bpf", {{"bpf.command", "BPF_MAP_CREATE"}, {"bpf.program.name", "ab"}}, "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
