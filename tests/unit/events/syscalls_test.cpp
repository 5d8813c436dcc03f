// SPDX-License-Identifier: Apache-2.0
// The table of system calls: complete by the kernel's own headers, and true to the table of events.
#include "events/syscalls.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "events/catalogue.h"

namespace bongsu {
namespace {

using Numbers = std::map<int, std::string>;  // number -> name

constexpr int kNewest = 472;  // fchroot
constexpr int kFirstOwnOfX32 = 512;

// Conditions of asm-generic/unistd.h that do not hold for arm64 (arch/arm64/include/uapi/asm/unistd.h); all others do.
bool holds_for_arm64(std::string_view condition) {
  return condition.find("__BITS_PER_LONG == 32") == std::string_view::npos &&
         condition.find("#ifdef __SYSCALL_COMPAT") == std::string_view::npos &&
         condition.find("__ARCH_WANT_SYNC_FILE_RANGE2") == std::string_view::npos &&
         condition.find("__NR3264_stat") == std::string_view::npos;
}

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// The calls that a header of the kernel defines: `#define __NR_name 7`, `(__X32_SYSCALL_BIT + 7)`, or another define.
Numbers parse_header(const std::filesystem::path& path) {
  Numbers numbers;
  std::map<std::string, int, std::less<>> defines;
  std::vector<bool> conditions;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string directive;
    std::string name;
    std::string value;
    words >> directive >> name >> value;
    if (directive.starts_with("#if")) {
      conditions.push_back(holds_for_arm64(line));
    } else if (directive == "#else") {
      conditions.back() = !conditions.back();
    } else if (directive == "#endif") {
      conditions.pop_back();
    } else if (directive == "#define" && name.starts_with("__NR") && name != "__NR_syscalls" &&
               std::ranges::all_of(conditions, [](bool holds) { return holds; })) {
      std::string plus;
      if (value == "(__X32_SYSCALL_BIT" && words >> plus >> value && value.ends_with(')')) {
        value.pop_back();
      }
      const auto known = defines.find(value);
      const auto number = known == defines.end() ? parse_number(value) : known->second;
      if (!number || name == "__NR_arch_specific_syscall") {
        continue;  // `#define __NR_x` without a number is not a call's
      }
      defines.emplace(name, *number);
      if (name.starts_with("__NR_")) {
        EXPECT_TRUE(numbers.emplace(*number, name.substr(5)).second) << line;
      }
    }
  }
  return numbers;
}

// Distributions with several architectures keep asm/ below the architecture's name.
std::filesystem::path header(std::string_view name) {
  for (const auto* directory : {"/usr/include/x86_64-linux-gnu/asm", "/usr/include/asm"}) {
    auto path = std::filesystem::path(directory) / name;
    if (std::filesystem::exists(path)) {
      return path;
    }
  }
  return name;
}

// number -> name, of one column; says which number two rows share.
Numbers column(SyscallAbi abi) {
  Numbers numbers;
  for (const SyscallInfo& call : syscalls()) {
    if (const auto number = call.number(abi)) {
      const auto [there, added] = numbers.emplace(*number, call.name);
      EXPECT_TRUE(added) << to_string(abi) << " " << *number << " stands in rows " << there->second << ", "
                         << call.name;
    }
  }
  return numbers;
}

// Every call of the header is a row, and every row up to the header's newest a call of the header.
void expect_same(const Numbers& rows, const Numbers& in_header, const std::set<int>& newer) {
  ASSERT_GT(in_header.size(), 250U);
  for (const auto& [number, name] : in_header) {
    const auto row = rows.find(number);
    EXPECT_TRUE(row != rows.end() && row->second == name)
        << "no row " << name << " with number " << number
        << (row == rows.end() ? std::string() : ", but " + row->second);
  }
  for (const auto& [number, name] : rows) {
    EXPECT_TRUE(number > in_header.rbegin()->first || in_header.contains(number) || newer.contains(number))
        << "row " << name << ": the kernel's header has no call with number " << number;
  }
}

std::set<int> holes(const Numbers& numbers) {
  std::set<int> result;
  for (int number = 0; number <= kNewest; ++number) {
    if (!numbers.contains(number)) {
      result.insert(number);
    }
  }
  return result;
}

std::set<int> range(int first, int last) {
  std::set<int> result;
  for (int number = first; number <= last; ++number) {
    result.insert(number);
  }
  return result;
}

std::set<int> operator+(std::set<int> left, const std::set<int>& right) {
  left.insert(right.begin(), right.end());
  return left;
}

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

#ifdef __x86_64__
TEST(Syscalls, HaveARowForEachOfX86_64) {
  // uretprobe (6.11) and uprobe (6.18) took numbers that older headers leave free.
  expect_same(column(SyscallAbi::x86_64), parse_header(header("unistd_64.h")), {335, 336});
}

TEST(Syscalls, HaveARowForEachOfI386) {
  expect_same(column(SyscallAbi::i386), parse_header(header("unistd_32.h")), {});
}

TEST(Syscalls, HaveARowForEachOfX32) {
  const Numbers in_header = parse_header(header("unistd_x32.h"));
  ASSERT_GT(in_header.size(), 250U);
  const Numbers rows = column(SyscallAbi::x86_64);
  Numbers own;
  for (const X32Number& number : x32_numbers()) {
    EXPECT_TRUE(own.emplace(number.number, number.name).second) << number.name;
  }
  for (const auto& [number, name] : in_header) {
    const Numbers& table = number < kFirstOwnOfX32 ? rows : own;
    EXPECT_TRUE(table.contains(number) && table.at(number) == name) << name << " " << number;
  }
  for (const auto& [number, name] : own) {
    EXPECT_TRUE(in_header.contains(number)) << name << " " << number;
  }
}
#endif

TEST(Syscalls, HaveARowForEachOfArm64) {
  expect_same(column(SyscallAbi::aarch64), parse_header("/usr/include/asm-generic/unistd.h"), {});
}

// Also guards what no header of this machine lists: the newest calls, and 32-bit arm.
TEST(Syscalls, LeaveOnlyTheKnownHoles) {
  EXPECT_EQ(holes(column(SyscallAbi::x86_64)), range(337, 423));  // skipped, so that newer calls have one number
  // Unused but for 222 (tux) and 223, 251, 285 (once reserved); 387-392 and 415 were never given.
  EXPECT_EQ(holes(column(SyscallAbi::i386)), (std::set{222, 223, 251, 285, 415}) + range(387, 392));
  EXPECT_EQ(holes(column(SyscallAbi::aarch64)),
            range(244, 259) + range(295, 423));  // kept for architectures, and skipped
  // arch/arm/tools/syscall.tbl: dropped with the old ABI or never there; no memfd_secret (447).
  EXPECT_EQ(holes(column(SyscallAbi::arm)),
            (std::set{7,   13,  17,  18,  22,  25,  27,  28,  30,  31,  32,  35,  44,  48,  53,  56,
                      58,  59,  68,  69,  76,  82,  84,  89,  90,  98,  101, 102, 109, 110, 112, 113,
                      117, 123, 127, 130, 137, 166, 167, 188, 189, 222, 223, 254, 255, 402, 415, 447}));
}

TEST(Syscalls, GoNoFurtherThanTheNewest) {
  for (const SyscallAbi abi : kSyscallAbis) {
    EXPECT_EQ(column(abi).rbegin()->first, kNewest) << to_string(abi);
  }
}

// Since 424 (pidfd_send_signal) a call has one number everywhere.
TEST(Syscalls, ShareTheirNumberSince424) {
  for (const SyscallInfo& call : syscalls()) {
    std::set<int> numbers;
    for (const SyscallAbi abi : kSyscallAbis) {
      numbers.insert(call.number(abi).value_or(-1));
    }
    const int largest = *numbers.rbegin();
    EXPECT_GE(largest, 0) << call.name << " has no number at all";
    if (largest >= 424) {
      numbers.erase(-1);
      EXPECT_THAT(numbers, testing::SizeIs(1)) << call.name;
    }
  }
}

TEST(Syscalls, StandInOrderOfTheirNames) {
  for (std::size_t i = 1; i < syscalls().size(); ++i) {
    EXPECT_LT(syscalls()[i - 1].name, syscalls()[i].name);
  }
}

TEST(Syscalls, AreKnownByTheKernelSide) {
  int watched = BONGSU_CALL_NONE;
  for (const SyscallInfo& call : syscalls()) {
    const int expected = call.program.empty() ? 0 : ++watched;
    EXPECT_EQ(call.call, expected) << call.name;
  }
  EXPECT_EQ(watched + 1, BONGSU_CALL_COUNT);
}

TEST(Syscalls, OfX32AreCallsOfTheTable) {
  for (const X32Number& own : x32_numbers()) {
    const auto row = std::ranges::find(syscalls(), own.name, &SyscallInfo::name);
    ASSERT_NE(row, syscalls().end()) << own.name;
    EXPECT_TRUE(row->number(SyscallAbi::x86_64)) << own.name;
  }
}

TEST(Syscalls, EachIsToldOrGivesAReason) {
  for (const SyscallInfo& call : syscalls()) {
    EXPECT_FALSE(call.program.empty() && call.note.empty()) << call.name;
    EXPECT_TRUE(call.program.empty() || !call.events.empty()) << call.name;
    if (!call.note.empty()) {
      EXPECT_TRUE(call.note.ends_with('.')) << call.name;
      EXPECT_GT(words(call.note).size(), 2U) << call.name;
    }
  }
}

bool has_hook(EventType event, std::string_view program) {
  return std::ranges::any_of(hooks(),
                             [&](const HookInfo& hook) { return hook.event == event && hook.program == program; });
}

// A call that can lead to several events may be handed on by its program: only the first is the program's own.
TEST(Syscalls, NameEventsThatExistAndTheirPrograms) {
  for (const SyscallInfo& call : syscalls()) {
    const auto names = words(call.events);
    for (const std::string& name : names) {
      EXPECT_TRUE(find_event(name)) << call.name << " names the event " << name;
    }
    if (!call.program.empty()) {
      ASSERT_FALSE(names.empty()) << call.name;
      EXPECT_TRUE(has_hook(find_event(names.front()).value_or(EventType::none), call.program))
          << call.name << ": no hook of " << names.front() << " is " << call.program;
    } else {
      for (const std::string& name : names) {
        EXPECT_TRUE(std::ranges::any_of(
            hooks(),
            [&](const HookInfo& hook) { return info(hook.event).name == name && hook.attach != "tp_btf/sys_exit"; }))
            << call.name << ": " << name << " has no hook but on system calls";
      }
    }
  }
}

// A program on the return of system calls gets its events from some row.
TEST(Syscalls, FeedEveryProgramOnTheirReturn) {
  std::set<std::pair<std::string, std::string>> fed;
  for (const SyscallInfo& call : syscalls()) {
    for (const std::string& event : words(call.events)) {
      fed.emplace(call.program, event);
    }
  }
  std::size_t on_return = 0;
  for (const HookInfo& hook : hooks()) {
    if (hook.attach == "tp_btf/sys_exit") {
      ++on_return;
      EXPECT_TRUE(fed.contains({std::string(hook.program), std::string(info(hook.event).name)}))
          << hook.program << " tells " << info(hook.event).name << ", but no system call leads there";
    }
  }
  EXPECT_GT(on_return, 0U);
}

}  // namespace
}  // namespace bongsu
