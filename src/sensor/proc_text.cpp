// SPDX-License-Identifier: Apache-2.0
#include "sensor/proc_text.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace bongsu {
namespace {

constexpr std::string_view kBlank = " \t";

// Takes the next word off the front.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
  text.remove_prefix(word.size());
  return word;
}

template <typename Number>
bool to_number(std::string_view word, Number& out, int base = 10) {
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), out, base);
  return parsed.ec == std::errc{} && parsed.ptr == word.data() + word.size();
}

// What follows `key` and a colon at the beginning of a line.
std::string_view line_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) {
      return line.substr(key.size() + 1);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

std::string read_proc_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
  ProcStat stat;
  const std::size_t open = text.find(" (");
  const std::size_t close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      !to_number(text.substr(0, open), stat.pid)) {
    return std::nullopt;
  }
  stat.comm = text.substr(open + 2, close - open - 2);
  std::string_view rest = text.substr(close + 2);
  std::uint32_t tty = 0;
  constexpr int kParent = 4;  // field numbers of proc(5)
  constexpr int kTty = 7;
  constexpr int kStart = 22;
  for (int field = 3; field <= kStart; ++field) {
    const std::string_view word = next_word(rest);
    if ((field == kParent && !to_number(word, stat.parent_pid)) || (field == kTty && !to_number(word, tty)) ||
        (field == kStart && !to_number(word, stat.start_ticks))) {
      return std::nullopt;
    }
  }
  // new_encode_dev() of include/linux/kdev_t.h: the minor's low byte, the major, the rest of the minor.
  stat.tty_major = static_cast<std::uint16_t>(tty >> 8 & 0xfff);
  stat.tty_minor = static_cast<std::uint16_t>((tty & 0xff) | (tty >> 12 & 0xfff00));
  return stat;
}

ProcStatus parse_proc_status(std::string_view text) {
  ProcStatus status;
  std::string_view uid = line_of(text, "Uid");  // real, effective, saved, file system
  to_number(next_word(uid), status.uid);
  to_number(next_word(uid), status.euid);
  std::string_view gid = line_of(text, "Gid");
  to_number(next_word(gid), status.gid);
  to_number(next_word(gid), status.egid);
  constexpr int kHexadecimal = 16;
  std::string_view caps = line_of(text, "CapEff");
  to_number(next_word(caps), status.cap_effective, kHexadecimal);
  return status;
}

std::uint32_t parse_namespace_link(std::string_view link) {
  const std::size_t open = link.find(":[");
  std::uint32_t number = 0;
  if (open == std::string_view::npos || !link.ends_with(']') ||
      !to_number(link.substr(open + 2, link.size() - open - 3), number)) {
    return 0;
  }
  return number;
}

}  // namespace bongsu
