// SPDX-License-Identifier: Apache-2.0
//
// Remembers which rules a text called for when a field was looked up: most texts come again and again (names, paths,
// the command line of a parent), and to find one here costs a hash and a comparison instead of tries and automata. The
// text itself is kept and compared, so nobody can choose one that is taken for another. Of fixed size: a text that
// comes to another's place takes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace bongsu {

// 64 entries of an event type in one word.
struct EntryWord {
  std::uint32_t word = 0;
  std::uint64_t bits = 0;
};

// The entries that were found for one text: a few words of them, or too many to be remembered.
class FoundEntries {
 public:
  static constexpr std::size_t kMostWords = 6;

  void add(std::uint32_t entry) {
    const std::uint32_t word = entry / 64;
    const std::uint64_t bit = std::uint64_t{1} << (entry % 64);
    for (std::size_t i = 0; i < used_; ++i) {
      if (words_[i].word == word) {
        words_[i].bits |= bit;
        return;
      }
    }
    if (used_ == kMostWords) {
      overflown_ = true;
    } else {
      words_[used_++] = {word, bit};
    }
  }
  [[nodiscard]] bool complete() const { return !overflown_; }
  [[nodiscard]] std::span<const EntryWord> words() const { return std::span(words_).first(used_); }

 private:
  std::array<EntryWord, kMostWords> words_{};
  std::size_t used_ = 0;
  bool overflown_ = false;
};

// Of a text and what it was looked at for.
[[nodiscard]] inline std::uint64_t memo_hash(std::uint32_t what, std::string_view text) {
  constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
  std::uint64_t hash = (std::uint64_t{what} << 32 | text.size()) * kGoldenRatio;
  const auto add = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kGoldenRatio;
    hash ^= hash >> 32;
  };
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    add(word);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data() + at, text.size() - at);
  add(rest);
  return hash;
}

class LookMemo {
 public:
  static constexpr std::size_t kShortBytes = 128;
  static constexpr std::size_t kLongBytes = 2'048;

  struct Size {
    std::size_t of_short = 0;  // texts, each a power of two; 0: none is remembered
    std::size_t of_long = 0;
  };
  explicit LookMemo(Size size) : short_(size.of_short), long_(size.of_long) {}

  // What was found for the text when `look` was last asked for it; null: not remembered.
  [[nodiscard]] const FoundEntries* find(std::uint32_t look, std::string_view text) const {
    if (text.size() <= kShortBytes) {
      return find(short_, look, text);
    }
    return text.size() <= kLongBytes ? find(long_, look, text) : nullptr;
  }

  void keep(std::uint32_t look, std::string_view text, const FoundEntries& found) {
    if (!found.complete()) {
      return;
    }
    if (text.size() <= kShortBytes) {
      keep(short_, look, text, found);
    } else if (text.size() <= kLongBytes) {
      keep(long_, look, text, found);
    }
  }

 private:
  template <std::size_t kBytes>
  struct Kept {
    std::uint32_t look = UINT32_MAX;
    std::uint32_t size = 0;
    FoundEntries found;
    std::array<char, kBytes> text{};
  };

  template <typename Slots>
  [[nodiscard]] static const FoundEntries* find(const Slots& slots, std::uint32_t look, std::string_view text) {
    if (slots.empty()) {
      return nullptr;
    }
    const auto& kept = slots[memo_hash(look, text) & (slots.size() - 1)];
    const bool same =
        kept.look == look && kept.size == text.size() && std::memcmp(kept.text.data(), text.data(), text.size()) == 0;
    return same ? &kept.found : nullptr;
  }

  template <typename Slots>
  static void keep(Slots& slots, std::uint32_t look, std::string_view text, const FoundEntries& found) {
    if (slots.empty()) {
      return;
    }
    auto& kept = slots[memo_hash(look, text) & (slots.size() - 1)];
    kept.look = look;
    kept.size = static_cast<std::uint32_t>(text.size());
    kept.found = found;
    text.copy(kept.text.data(), text.size());
  }

  std::vector<Kept<kShortBytes>> short_;
  std::vector<Kept<kLongBytes>> long_;
};

// The same for the verdicts of single conditions that are dear to judge.
class VerdictMemo {
 public:
  static constexpr std::size_t kBytes = 121;

  explicit VerdictMemo(std::size_t texts) : kept_(texts) {}  // a power of two

  // The verdict on the text, which `judge` finds when it is not remembered.
  template <typename Judge>
  bool verdict(std::uint32_t condition, std::string_view text, Judge&& judge) {
    if (text.size() > kBytes) {
      return judge();
    }
    Kept& kept = kept_[memo_hash(condition, text) & (kept_.size() - 1)];
    if (kept.condition != condition || kept.size != text.size() ||
        std::memcmp(kept.text.data(), text.data(), text.size()) != 0) {
      kept.verdict = judge();
      kept.condition = condition;
      kept.size = static_cast<std::uint8_t>(text.size());
      text.copy(kept.text.data(), text.size());
    }
    return kept.verdict;
  }

 private:
  struct Kept {
    std::uint32_t condition = UINT32_MAX;
    std::uint8_t size = 0;
    bool verdict = false;
    std::array<char, kBytes> text{};
  };
  std::vector<Kept> kept_;
};

}  // namespace bongsu
