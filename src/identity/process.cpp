// SPDX-License-Identifier: Apache-2.0
#include "identity/process.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace bongsu {
namespace {

// FNV-1a, 64 bit: fixed for ever, unlike std::hash, because entity ids are compared across restarts.
constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

// Paths whose last component says nothing: /dev/fd/N (which the kernel also writes for execveat with an empty path),
// /proc/SELF/fd/N and /proc/SELF/exe, where SELF may be a task below task/.
bool is_magic(std::string_view path) {
  if (remove_prefix(path, "/dev/fd/")) {
    return is_number(path);
  }
  if (!remove_prefix(path, "/proc/")) {
    return false;
  }
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  const std::string_view last = path.substr(slash + 1);
  return last == "exe" || (is_number(last) && path.substr(0, slash).ends_with("/fd"));
}

std::string_view last_component(std::string_view path) {
  // A memfd's name may hold slashes ("memfd:runc_cloned:/proc/self/exe"): all of it is the name.
  const std::string_view without_slash = path.starts_with('/') ? path.substr(1) : path;
  return without_slash.starts_with("memfd:") ? without_slash : base_name(path);
}

}  // namespace

EntityIds::EntityIds(std::string_view boot_id) : boot_(kFnvOffset) {
  for (const char c : boot_id) {
    boot_ = (boot_ ^ static_cast<unsigned char>(c)) * kFnvPrime;
  }
}

EntityId EntityIds::of(std::uint32_t pid, std::uint64_t start_ns) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t hash = mix(mix(boot_ ^ start_ns) ^ pid);
  EntityId id{};
  for (char& digit : id) {
    digit = kDigits[hash >> 60];
    hash <<= 4;
  }
  return id;
}

std::string_view ProgramView::name() const {
  const std::string_view asked = is_magic(requested) ? std::string_view{} : last_component(requested);
  return asked.empty() ? last_component(executable) : asked;
}

std::string_view comm_text(const char (&comm)[BONGSU_COMM_BYTES]) { return {comm, ::strnlen(comm, BONGSU_COMM_BYTES)}; }

std::string_view Process::comm() const { return comm_text(task.comm); }

std::string_view Process::name() const { return program != nullptr && !program->name.empty() ? program->name : comm(); }

}  // namespace bongsu
