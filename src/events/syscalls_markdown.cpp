// SPDX-License-Identifier: Apache-2.0
#include "events/syscalls_markdown.h"

#include <algorithm>
#include <string_view>

#include "events/syscalls.h"

namespace bongsu {
namespace {

constexpr std::string_view kIntroduction =
    "# System calls\n\n"
    "<!-- Generated from bpf/wire/syscalls.def. Do not edit: change the table and generate again. -->\n\n"
    "Every system call of x86-64, i386, 64-bit and 32-bit arm, and what becomes of it. A 64-bit kernel also takes the\n"
    "calls of its 32-bit ABI, from 64-bit programs too, so they count as much as its own.\n\n"
    "- [Watched](#watched): a probe handles the call when it returns, with its result and the objects it acted on.\n"
    "- [Told by another hook](#told-by-another-hook): a place in the kernel that every way of asking leads through.\n"
    "- [Not told](#not-told): an attacker could have a use for the call, and no event shows it; the reason says how\n"
    "  far it reaches and what is seen around it.\n"
    "- [Nothing to tell](#nothing-to-tell): the call reads, waits, or changes only the caller or what was told "
    "before.\n"
    "- [Numbers of x32](#numbers-of-x32)\n\n"
    "An event is recorded only when a rule or a trace asks for it: see [events.md](events.md).\n";

// A reason that opens so, or has such a sentence, names what an attacker could use.
constexpr std::string_view kNotTold = "Not told:";

enum class Fate : std::uint8_t { watched, told, not_told, harmless };

Fate fate_of(const SyscallInfo& call) {
  if (!call.program.empty()) {
    return Fate::watched;
  }
  if (!call.events.empty()) {
    return Fate::told;
  }
  return call.note.find(kNotTold) == std::string_view::npos ? Fate::harmless : Fate::not_told;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

// "read dns" -> "`read`, `dns`"
std::string code_words(std::string_view words) {
  std::string out;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    out += (out.empty() ? "" : ", ") + code(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

void append_section(std::string& out, Fate fate, std::string_view title, std::string_view last_columns) {
  std::size_t count = 0;
  std::string rows;
  for (const SyscallInfo& call : syscalls()) {
    if (fate_of(call) != fate) {
      continue;
    }
    ++count;
    rows += "| " + code(call.name);
    for (const SyscallAbi abi : kSyscallAbis) {
      const auto number = call.number(abi);
      rows += number ? " | " + std::to_string(*number) : " | -";
    }
    if (!call.events.empty()) {
      rows += " | " + code_words(call.events);
    }
    rows += " | " + (call.program.empty() ? std::string(call.note) : code(call.program)) + " |\n";
  }
  std::string head = "| call";
  for (const SyscallAbi abi : kSyscallAbis) {
    head += " | " + std::string(to_string(abi));
  }
  head += " | " + std::string(last_columns) + " ";
  out += "\n## " + std::string(title) + "\n\n" + std::to_string(count) + " calls.\n\n" + head + "|\n";
  for (const char c : head) {
    out += c == '|' ? "|---" : "";
  }
  out += "|\n" + rows;
}

}  // namespace

std::string syscalls_markdown() {
  std::string out(kIntroduction);
  append_section(out, Fate::watched, "Watched", "events | program");
  append_section(out, Fate::told, "Told by another hook", "events | how");
  append_section(out, Fate::not_told, "Not told", "reason");
  append_section(out, Fate::harmless, "Nothing to tell", "reason");
  out +=
      "\n## Numbers of x32\n\n"
      "x32 calls carry bit 30 (`__X32_SYSCALL_BIT`) and have the numbers of x86-64, but for these.\n\n"
      "| call | number |\n|---|---|\n";
  for (const X32Number& own : x32_numbers()) {
    out += "| " + code(own.name) + " | " + std::to_string(own.number) + " |\n";
  }
  return out;
}

}  // namespace bongsu
