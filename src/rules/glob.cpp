// SPDX-License-Identifier: Apache-2.0
#include "rules/glob.h"

#include <algorithm>
#include <array>

#include "rules/limits.h"
#include "rules/text_case.h"

namespace bongsu {
namespace {

constexpr std::size_t kMaxBraceDepth = 16;
constexpr std::size_t kCaseStep = 'a' - 'A';

// The states the text so far can have led to, without repeats; on the stack.
class StateList {
 public:
  // False when it was there already.
  bool add(std::uint16_t state) {
    std::uint64_t& word = seen_[state / 64];
    const std::uint64_t bit = std::uint64_t{1} << (state % 64);
    if ((word & bit) != 0) {
      return false;
    }
    word |= bit;
    return true;
  }
  void keep(std::uint16_t state) { states_[size_++] = state; }
  void clear() {
    size_ = 0;
    seen_.fill(0);
  }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const std::uint16_t* begin() const { return states_; }
  [[nodiscard]] const std::uint16_t* end() const { return states_ + size_; }

 private:
  std::uint16_t states_[kMaxGlobStates];  // not cleared: only what keep() wrote is read
  std::size_t size_ = 0;
  std::array<std::uint64_t, (kMaxGlobStates + 63) / 64> seen_{};
};

}  // namespace

// Recursive descent over the pattern, emitting states as it goes.
class GlobParser {
 public:
  GlobParser(std::string_view pattern, bool fold) : pattern_(pattern) { glob_.fold_ = fold; }

  Result<Glob> parse() {
    if (pattern_.empty()) {
      return fail("an empty glob matches nothing but empty text", "write {\"eq\": \"\"}");
    }
    while (at_ < pattern_.size()) {
      if (Status status = element(0); !status) {
        return tl::make_unexpected(std::move(status.error()));
      }
    }
    emit({Glob::Kind::accept});
    if (glob_.states_.size() > kMaxGlobStates) {
      return too_long();
    }
    lift_prefix();
    return std::move(glob_);
  }

 private:
  static tl::unexpected<Error> too_long() {
    return fail("the glob is too long: more than " + std::to_string(kMaxGlobStates) + " states",
                "use several shorter globs");
  }

  std::uint16_t emit(Glob::State state) {
    glob_.states_.push_back(state);
    return static_cast<std::uint16_t>(glob_.states_.size() - 1);
  }
  [[nodiscard]] std::uint16_t next_state() const { return static_cast<std::uint16_t>(glob_.states_.size()); }
  [[nodiscard]] bool rest_begins(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

  void literal(char c) { emit({Glob::Kind::byte, glob_.fold_ ? fold_case(c) : c}); }

  Status element(std::size_t depth) {
    if (glob_.states_.size() > kMaxGlobStates) {
      return too_long();
    }
    const char c = pattern_[at_];
    switch (c) {
      case '*':
        stars();
        return {};
      case '?':
        ++at_;
        emit({Glob::Kind::any});
        return {};
      case '[':
        return set();
      case '{':
        return braces(depth);
      case '\\':
        if (at_ + 1 == pattern_.size()) {
          return fail("the glob ends in a single backslash", "write \\\\ for the character itself (in JSON, \\\\\\\\)");
        }
        literal(pattern_[at_ + 1]);
        at_ += 2;
        return {};
      default:
        literal(c);
        ++at_;
        return {};
    }
  }

  void stars() {
    const std::size_t start = at_;
    while (at_ < pattern_.size() && pattern_[at_] == '*') {
      ++at_;
    }
    if (at_ - start == 1) {
      emit({Glob::Kind::star});
      return;
    }
    const bool whole_folder = (start == 0 || pattern_[start - 1] == '/') && rest_begins("/");
    if (!whole_folder) {
      emit({Glob::Kind::globstar});
      return;
    }
    ++at_;
    const std::uint16_t fork = emit({Glob::Kind::fork});
    emit({Glob::Kind::globstar});
    emit({Glob::Kind::byte, '/'});
    glob_.states_[fork].first = static_cast<std::uint16_t>(fork + 1);
    glob_.states_[fork].second = next_state();
  }

  Status set() {
    Glob::ByteSet bytes;
    std::size_t i = at_ + 1;
    const bool negated = i < pattern_.size() && (pattern_[i] == '!' || pattern_[i] == '^');
    i += negated ? 1 : 0;
    bool first = true;
    for (; i < pattern_.size() && (first || pattern_[i] != ']'); first = false) {
      const auto low = static_cast<unsigned char>(set_byte(i));
      auto high = low;
      if (i + 1 < pattern_.size() && pattern_[i] == '-' && pattern_[i + 1] != ']') {
        ++i;
        high = static_cast<unsigned char>(set_byte(i));
      }
      if (high < low) {
        return fail("a range in the glob runs backwards");
      }
      for (unsigned b = low; b <= high; ++b) {
        add_byte(bytes, static_cast<unsigned char>(b));
      }
    }
    if (i >= pattern_.size()) {
      return fail("the glob's [ is not closed", "write \\[ for the character itself (in JSON, \\\\[)");
    }
    if (negated) {
      bytes.flip();
    }
    bytes.reset('/');
    at_ = i + 1;
    glob_.sets_.push_back(bytes);
    emit({Glob::Kind::set, 0, static_cast<std::uint16_t>(glob_.sets_.size() - 1)});
    return {};
  }

  // The byte at `i`, unescaped; moves past it.
  char set_byte(std::size_t& i) const {
    if (pattern_[i] == '\\' && i + 1 < pattern_.size()) {
      ++i;
    }
    return pattern_[i++];
  }

  void add_byte(Glob::ByteSet& bytes, unsigned char b) const {
    bytes.set(b);
    if (glob_.fold_ && b >= 'A' && b <= 'Z') {
      bytes.set(std::size_t{b} + kCaseStep);
    } else if (glob_.fold_ && b >= 'a' && b <= 'z') {
      bytes.set(std::size_t{b} - kCaseStep);
    }
  }

  Status braces(std::size_t depth) {
    if (depth == kMaxBraceDepth) {
      return fail("the glob's braces are nested too deep", "at most " + std::to_string(kMaxBraceDepth) + " levels");
    }
    ++at_;
    std::vector<std::uint16_t> jumps;
    for (;;) {
      const std::uint16_t fork = emit({Glob::Kind::fork});
      while (at_ < pattern_.size() && pattern_[at_] != ',' && pattern_[at_] != '}') {
        if (Status status = element(depth + 1); !status) {
          return status;
        }
      }
      if (at_ == pattern_.size()) {
        return fail("the glob's { is not closed", "write \\{ for the character itself (in JSON, \\\\{)");
      }
      const bool last = pattern_[at_++] == '}';
      const auto body = static_cast<std::uint16_t>(fork + 1);
      jumps.push_back(emit({Glob::Kind::jump}));
      glob_.states_[fork].first = body;
      glob_.states_[fork].second = last ? body : next_state();
      if (last) {
        break;
      }
      if (glob_.states_.size() > kMaxGlobStates) {
        return too_long();
      }
    }
    for (const std::uint16_t jump : jumps) {
      glob_.states_[jump].first = next_state();
    }
    return {};
  }

  // Leading literal bytes are compared as a whole; nothing jumps into them, so the states behind only move down.
  void lift_prefix() {
    std::vector<Glob::State>& states = glob_.states_;
    const auto first = std::ranges::find_if(states, [](const auto& state) { return state.kind != Glob::Kind::byte; });
    const auto count = static_cast<std::uint16_t>(first - states.begin());
    for (auto state = states.begin(); state != first; ++state) {
      glob_.prefix_ += state->byte;
    }
    states.erase(states.begin(), first);
    for (Glob::State& state : states) {
      if (state.kind == Glob::Kind::fork || state.kind == Glob::Kind::jump) {
        state.first = static_cast<std::uint16_t>(state.first - count);
        state.second = static_cast<std::uint16_t>(state.second - (state.kind == Glob::Kind::fork ? count : 0));
      }
    }
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  Glob glob_;
};

Result<Glob> Glob::compile(std::string_view pattern, bool ignore_case) {
  return GlobParser(pattern, ignore_case).parse();
}

bool Glob::consumes(const State& state, char c) const noexcept {
  switch (state.kind) {
    case Kind::byte:
      return (fold_ ? fold_case(c) : c) == state.byte;
    case Kind::any:
    case Kind::star:
      return c != '/';
    case Kind::set:
      return sets_[state.first].test(static_cast<unsigned char>(c));
    case Kind::globstar:
      return true;
    default:
      return false;
  }
}

bool Glob::matches(std::string_view text) const noexcept {
  if (!starts_with(text, prefix_, fold_)) {
    return false;
  }
  std::array<std::uint16_t, kMaxGlobStates> pending;
  // Adds a state and all that can be reached from it without a byte.
  const auto enter = [&](StateList& list, std::uint16_t from) {
    std::size_t waiting = 0;
    const auto push = [&](std::uint16_t state) {
      if (list.add(state)) {
        pending[waiting++] = state;
      }
    };
    push(from);
    while (waiting != 0) {
      const std::uint16_t at = pending[--waiting];
      const State& state = states_[at];
      if (state.kind == Kind::fork) {
        push(state.first);
        push(state.second);
      } else if (state.kind == Kind::jump) {
        push(state.first);
      } else {
        list.keep(at);
        if (state.kind == Kind::star || state.kind == Kind::globstar) {
          push(static_cast<std::uint16_t>(at + 1));
        }
      }
    }
  };
  StateList lists[2];
  StateList* now = &lists[0];
  StateList* next = &lists[1];
  enter(*now, 0);
  for (const char c : text.substr(prefix_.size())) {
    if (now->empty()) {
      return false;
    }
    next->clear();
    for (const std::uint16_t at : *now) {
      const State& state = states_[at];
      if (consumes(state, c)) {
        const bool loops = state.kind == Kind::star || state.kind == Kind::globstar;
        enter(*next, static_cast<std::uint16_t>(loops ? at : at + 1));
      }
    }
    std::swap(now, next);
  }
  return std::ranges::any_of(*now, [this](std::uint16_t at) { return states_[at].kind == Kind::accept; });
}

std::size_t Glob::memory_bytes() const noexcept {
  return sizeof(*this) + prefix_.capacity() + states_.capacity() * sizeof(State) + sets_.capacity() * sizeof(ByteSet);
}

}  // namespace bongsu
