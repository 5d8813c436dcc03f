// SPDX-License-Identifier: Apache-2.0
#include "rules/pushdown_words.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "events/derived.h"
#include "events/names.h"

namespace bongsu {
namespace {

constexpr std::size_t kShown = 8;
constexpr unsigned kKindShift = 12;  // S_IFMT

std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text + (names.size() > kShown ? " or " + std::to_string(names.size() - kShown) + " more" : "");
}

std::vector<std::string> quoted(const std::set<std::string>& texts, std::string_view front = "") {
  std::vector<std::string> result;
  result.reserve(texts.size());
  for (const std::string& text : texts) {
    std::string word = "\"";
    append_printable(word, std::string(front) + text);
    result.push_back(word + '"');
  }
  return result;
}

class Words {
 public:
  explicit Words(const Need& need) : need_(need) {}

  std::string text() {
    choice(Trait::place, "", std::array<std::string_view, 2>{"on the host", "in containers"});
    choice(Trait::outcome, "", std::array<std::string_view, 2>{"succeeded", "failed"});
    errors();
    choice(Trait::abi, "by ",
           std::array<std::string_view, 7>{"no call", abi_name(1), abi_name(2), abi_name(3), abi_name(4), abi_name(5),
                                           abi_name(6)});
    named(Trait::open_flag, "with ", [](unsigned flag) {
      return flag == kNoOpenFlag ? std::string() : first_name(NameTable::open_flags, std::uint64_t{1} << flag);
    });
    named(Trait::file_kind, "of type ", [](unsigned kind) {
      const std::string_view name = name_of(NameTable::file_type, std::uint64_t{kind} << kKindShift);
      return kind == 0 ? "none" : name == kNoName ? "" : std::string(name);
    });
    choice(Trait::outside, "",
           std::array<std::string_view, 2>{"inside the mount namespace", "outside the mount namespace"});
    choice(Trait::climbs, "",
           std::array<std::string_view, 2>{"by a path without \"..\"", "by a path with \"..\" in it"});
    choice(Trait::family, "by ",
           std::array<std::string_view, BONGSU_FAMILY_COUNT>{"another family", "AF_UNIX", "AF_INET", "AF_INET6"});
    address();
    numbers("port ", need_.port);
    numbers("user ", need_.uid);
    if (need_.comms) {
      add("by threads named " + one_of(quoted(*need_.comms)));
    }
    path();
    return text_.empty() ? "every one" : text_;
  }

 private:
  void add(const std::string& words) { text_ += (text_.empty() ? "" : ", ") + words; }

  static std::string first_name(NameTable table, std::uint64_t bit) {
    std::string result;
    (void)names_of(table, bit).any([&](std::string_view name) {
      result = std::string(name);
      return true;
    });
    return result;
  }

  template <typename Name>
  void named(Trait trait, std::string_view front, Name&& name) {
    std::vector<std::string> asked;
    std::vector<std::string> left_out;
    for (unsigned value = 0; value < kTraitValues[static_cast<std::size_t>(trait)]; ++value) {
      if (std::string word = name(value); !word.empty()) {
        ((need_.of(trait) >> value & 1U) != 0 ? asked : left_out).push_back(std::move(word));
      }
    }
    if (left_out.size() == 1 && asked.size() > 2) {
      add("not " + std::string(front) + left_out.front());
    } else if (!left_out.empty()) {
      add(std::string(front) + (asked.empty() ? "none" : one_of(asked)));
    }
  }

  void choice(Trait trait, std::string_view front, std::span<const std::string_view> values) {
    named(trait, front, [&](unsigned value) { return value < values.size() ? std::string(values[value]) : ""; });
  }

  void address() {
    constexpr TraitSet kSome = every_value(Trait::address) & ~(TraitSet{1} << BONGSU_ADDRESS_NONE);
    if (need_.of(Trait::address) == kSome) {
      add("to an address");
      return;
    }
    choice(Trait::address, "to ",
           std::array<std::string_view, BONGSU_ADDRESS_COUNT>{"no address", "IPv4 loopback", "private IPv4",
                                                              "link-local IPv4", "other IPv4", "IPv6 loopback",
                                                              "other IPv6"});
  }

  void numbers(std::string_view what, const NumberRange& range) {
    if (range.is_all()) {
      return;
    }
    std::vector<std::string> names;
    names.reserve(range.listed().size());
    for (const std::uint64_t number : range.listed()) {
      names.push_back(std::to_string(number));
    }
    add((range.others() ? "not " : "") + std::string(what) + one_of(names));
  }

  void errors() {
    if (need_.error.is_all() || need_.error.is_empty()) {
      return;
    }
    std::vector<std::string> names;
    names.reserve(need_.error.listed().size());
    for (const std::uint64_t number : need_.error.listed()) {
      names.emplace_back(error_name(static_cast<std::uint16_t>(number)));
    }
    add((need_.error.others() ? "not with error " : "if with error, then ") + one_of(names));
  }

  void path() {
    if (!need_.paths) {
      return;
    }
    std::string words;
    if (!need_.paths->components.empty()) {
      words = "a part of the path is " + one_of(quoted(need_.paths->components));
    }
    if (!need_.paths->extensions.empty()) {
      words += (words.empty() ? "" : " or ") + ("the path ends with " + one_of(quoted(need_.paths->extensions, ".")));
    }
    add("where " + words);
  }

  const Need& need_;
  std::string text_;
};

}  // namespace

std::string need_words(const Need& need) { return Words(need).text(); }

}  // namespace bongsu
