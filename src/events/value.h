// SPDX-License-Identifier: Apache-2.0
//
// The value of one field of one event. A Value borrows: it is good until the next value is asked of the same event
// view, unless it points into longer-lived memory. It never allocates.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

namespace bongsu {

// A lazily read list of strings (arguments, ancestors, capabilities): `next` is called with a cursor that starts at 0.
class StringList {
 public:
  using Next = bool (*)(const void* source, std::uint64_t extra, std::uint64_t& cursor, std::string_view& out);

  constexpr StringList() = default;
  constexpr StringList(const void* source, std::uint64_t extra, Next next)
      : source_(source), extra_(extra), next_(next) {}

  // Calls `use(std::string_view)` for each item until it returns true; says whether it did.
  template <typename Use>
  bool any(Use&& use) const {
    std::uint64_t cursor = 0;
    std::string_view item;
    while (next_ != nullptr && next_(source_, extra_, cursor, item)) {
      if (use(item)) {
        return true;
      }
    }
    return false;
  }

 private:
  const void* source_ = nullptr;
  std::uint64_t extra_ = 0;
  Next next_ = nullptr;
};

class Value {
 public:
  enum class Kind : std::uint8_t { none, boolean, integer, string, string_list, date, string_map };

  constexpr Value() = default;
  // A boolean only of a bool: a pointer to characters would rather become one than a string.
  template <std::same_as<bool> Boolean>
  [[nodiscard]] static constexpr Value of(Boolean value) {
    Value v(Kind::boolean);
    v.integer_ = value ? 1 : 0;
    return v;
  }
  [[nodiscard]] static constexpr Value of(std::int64_t value) {
    Value v(Kind::integer);
    v.integer_ = value;
    return v;
  }
  [[nodiscard]] static constexpr Value of(std::string_view value) {
    Value v(Kind::string);
    v.string_ = value;
    return v;
  }
  [[nodiscard]] static constexpr Value of(StringList value) {
    Value v(Kind::string_list);
    v.list_ = value;
    return v;
  }
  // Strings by key, each key once; the list gives a key, its value, the next key and so on. A key stays good while its
  // value is read.
  [[nodiscard]] static constexpr Value map(StringList entries) {
    Value v(Kind::string_map);
    v.list_ = entries;
    return v;
  }
  // Nanoseconds since the Unix epoch.
  [[nodiscard]] static constexpr Value date(std::int64_t unix_ns) {
    Value v(Kind::date);
    v.integer_ = unix_ns;
    return v;
  }

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr bool has_value() const { return kind_ != Kind::none; }
  [[nodiscard]] constexpr bool boolean() const { return integer_ != 0; }
  [[nodiscard]] constexpr std::int64_t integer() const { return integer_; }  // also a date's nanoseconds
  [[nodiscard]] constexpr std::string_view string() const { return string_; }
  [[nodiscard]] constexpr const StringList& list() const { return list_; }  // also a map's entries
  [[nodiscard]] constexpr bool is_several() const { return kind_ == Kind::string_list || kind_ == Kind::string_map; }
  // Of a map: calls `use(key, value)` for each entry until it returns true; says whether it did.
  template <typename Use>
  bool any_entry(Use&& use) const {  // NOLINT(modernize-use-nodiscard): mostly called for what `use` does
    std::string_view key;
    bool at_key = false;
    return list_.any([&](std::string_view text) {
      at_key = !at_key;
      if (at_key) {
        key = text;
        return false;
      }
      return static_cast<bool>(use(key, text));
    });
  }

 private:
  constexpr explicit Value(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::none;
  std::int64_t integer_ = 0;
  std::string_view string_;
  StringList list_;
};

}  // namespace bongsu
