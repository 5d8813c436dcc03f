// SPDX-License-Identifier: Apache-2.0
#include "identity/lists.h"

#include <array>
#include <bit>
#include <string_view>

#include "events/names.h"
#include "wire/wire.h"

namespace bongsu {
namespace {

// In the order of enum bongsu_namespace.
constexpr std::array<std::string_view, BONGSU_NS_COUNT> kNamespaces = {"cgroup", "ipc",  "mnt",  "net",
                                                                       "pid",    "time", "user", "uts"};
static_assert(BONGSU_NS_CGROUP == 0 && BONGSU_NS_PID == 4 && BONGSU_NS_UTS == BONGSU_NS_COUNT - 1);

// The cursor is the bit to look at next; `source` is the table of names.
template <typename Names>
bool next_bit(const void* source, std::uint64_t mask, std::uint64_t& cursor, std::string_view& out) {
  const auto& names = *static_cast<const Names*>(source);
  if (cursor >= names.size() || mask >> cursor == 0) {
    return false;
  }
  cursor += static_cast<std::uint64_t>(std::countr_zero(mask >> cursor));
  if (cursor >= names.size()) {
    return false;
  }
  out = names[cursor++];
  return true;
}

bool next_single(const void* source, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
  out = *static_cast<const std::string_view*>(source);
  return cursor++ == 0;
}

}  // namespace

StringList capability_names(std::uint64_t mask) { return names_of(NameTable::capabilities, mask); }

StringList namespace_names(std::uint64_t mask) { return {&kNamespaces, mask, &next_bit<decltype(kNamespaces)>}; }

StringList single(const std::string_view& text) { return {&text, 0, &next_single}; }

}  // namespace bongsu
