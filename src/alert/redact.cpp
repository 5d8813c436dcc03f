// SPDX-License-Identifier: Apache-2.0
#include "alert/redact.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>

#include "alert/redact_patterns.h"
#include "base/strings.h"

namespace bongsu {
namespace {

// In one text, of one pattern. What stands behind so many is masked to the end: somebody plays with us, and each
// further match may cost a scan of the whole text.
constexpr std::size_t kMaxMatches = 64;
// Of one pattern of the configuration, compiled; RE2 divides it among what it needs to run, too.
constexpr std::int64_t kCustomMemoryBytes = 1 << 20;

constexpr std::size_t kMaxGroups = 40;
constexpr std::size_t kShownBytes = 100;  // of a pattern, in an error

std::string printable(std::string_view text) {
  std::string result;
  append_printable(result, text);
  return result;
}

RE2::Options options(RE2::Options::Encoding encoding) {
  RE2::Options options;
  options.set_encoding(encoding);
  options.set_log_errors(false);
  return options;
}

// Those that overlap or touch become one.
void merge(std::vector<Redactor::Span>& spans) {
  std::ranges::sort(spans, {}, &Redactor::Span::begin);
  std::size_t kept = 0;
  for (const Redactor::Span& span : spans) {
    if (kept != 0 && span.begin <= spans[kept - 1].end) {
      spans[kept - 1].end = std::max(spans[kept - 1].end, span.end);
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
}

}  // namespace

// Patterns of one encoding, with one pass over a text that says which of them to try.
class Redactor::Patterns {
 public:
  struct Pattern {
    std::string name;
    std::unique_ptr<RE2> match;
    bool custom = false;
    mutable std::atomic<std::uint64_t> count = 0;
  };

  explicit Patterns(RE2::Options::Encoding encoding) : triggers_(options(encoding), RE2::UNANCHORED) {}

  // The expressions have been tried before: they are good.
  void add(std::string name, std::string_view trigger, std::unique_ptr<RE2> match, bool custom) {
    triggers_.Add(re2::StringPiece(trigger.data(), trigger.size()), nullptr);
    auto pattern = std::make_unique<Pattern>();
    pattern->name = std::move(name);
    pattern->match = std::move(match);
    pattern->custom = custom;
    patterns_.push_back(std::move(pattern));
  }
  [[nodiscard]] bool compile() { return triggers_.Compile(); }

  void find(std::string_view text, std::vector<Span>& spans) const {
    const re2::StringPiece piece(text.data(), text.size());
    RE2::Set::ErrorInfo error{};
    if (!triggers_.Match(piece, nullptr, &error) && error.kind == RE2::Set::kNoError) {
      return;
    }
    std::vector<int> tried;
    if (triggers_.Match(piece, &tried, &error)) {
      for (const int index : tried) {
        find(*patterns_[static_cast<std::size_t>(index)], piece, spans);
      }
    } else {  // out of memory: it cannot say which
      for (const auto& pattern : patterns_) {
        find(*pattern, piece, spans);
      }
    }
  }

  void append_counts(std::vector<Count>& counts) const {
    for (const auto& pattern : patterns_) {
      counts.push_back({pattern->name, pattern->count.load(std::memory_order_relaxed)});
    }
  }

 private:
  static void find(const Pattern& pattern, const re2::StringPiece& text, std::vector<Span>& spans) {
    std::array<re2::StringPiece, kMaxGroups> groups;
    const int all = pattern.match->NumberOfCapturingGroups();
    const int wanted = std::min<int>(pattern.custom ? std::min(all, 1) : all, kMaxGroups - 1);
    std::size_t at = 0;
    std::uint64_t found = 0;
    for (std::size_t matches = 0; at < text.size(); ++matches) {
      if (!pattern.match->Match(text, at, text.size(), RE2::UNANCHORED, groups.data(), wanted + 1)) {
        break;
      }
      if (matches == kMaxMatches) {
        spans.push_back({at, text.size()});
        ++found;
        break;
      }
      const auto begin_of = [&](const re2::StringPiece& group) {
        return static_cast<std::size_t>(group.data() - text.data());
      };
      std::size_t next = std::max(begin_of(groups[0]) + groups[0].size(), at + 1);
      for (int i = wanted == 0 ? 0 : 1; i <= wanted; ++i) {
        const re2::StringPiece& group = groups[static_cast<std::size_t>(i)];
        if (group.data() == nullptr || group.empty()) {
          continue;
        }
        const std::size_t begin = begin_of(group);
        const std::size_t start = begin_of(groups[0]);
        if (!pattern.custom && is_harmless({text.data() + start, begin - start}, {group.data(), group.size()})) {
          next = std::max(begin, at + 1);  // it may be the begin of another
          continue;
        }
        spans.push_back({begin, begin + group.size()});
        ++found;
      }
      at = next;
    }
    if (found != 0) {
      pattern.count.fetch_add(found, std::memory_order_relaxed);
    }
  }

  RE2::Set triggers_;
  std::vector<std::unique_ptr<Pattern>> patterns_;
};

Redactor::Redactor(std::unique_ptr<Patterns> own, std::unique_ptr<Patterns> custom)
    : own_(std::move(own)), custom_(std::move(custom)) {}
Redactor::~Redactor() = default;

Result<std::unique_ptr<Redactor>> Redactor::make(std::span<const std::string> patterns) {
  // Bytes: what is no UTF-8 can hold a secret as well. All ends of what they mask are ASCII, so no character is cut.
  auto own = std::make_unique<Patterns>(RE2::Options::EncodingLatin1);
  for (const RedactPattern& row : redact_patterns()) {
    auto match = std::make_unique<RE2>(expand_pattern(row.match), options(RE2::Options::EncodingLatin1));
    if (!match->ok()) {
      return fail("the built-in pattern " + std::string(row.name) + " is wrong: " + match->error());
    }
    own->add(std::string(row.name), row.trigger, std::move(match), false);
  }
  if (!own->compile()) {
    return fail("the built-in patterns of redaction need too much memory");
  }
  std::unique_ptr<Patterns> custom;
  if (patterns.size() > kMaxRedactPatterns) {
    return fail("there are " + std::to_string(patterns.size()) + " patterns to redact by",
                "at most " + std::to_string(kMaxRedactPatterns) + "; several fit into one: (?:one|other)");
  }
  for (const std::string& pattern : patterns) {
    const std::string shown =
        "the pattern \"" + printable(pattern.substr(0, kShownBytes)) + (pattern.size() > kShownBytes ? "...\"" : "\"");
    if (pattern.size() > kMaxRedactPatternBytes) {
      return fail(shown + " is too long", "at most " + std::to_string(kMaxRedactPatternBytes) + " bytes");
    }
    RE2::Options how = options(RE2::Options::EncodingUTF8);
    how.set_max_mem(kCustomMemoryBytes);
    auto match = std::make_unique<RE2>(pattern, how);
    if (!match->ok()) {
      return fail(shown + " is no regular expression: " + printable(match->error()),
                  "see https://github.com/google/re2/wiki/Syntax");
    }
    if (RE2::PartialMatch("", *match)) {
      return fail(shown + " matches where there is nothing",
                  "it would mask everywhere; ask for one character at least");
    }
    if (custom == nullptr) {
      custom = std::make_unique<Patterns>(RE2::Options::EncodingUTF8);
    }
    const auto number = static_cast<std::size_t>(&pattern - patterns.data()) + 1;
    custom->add("custom-" + std::to_string(number), pattern, std::move(match), true);
  }
  if (custom != nullptr && !custom->compile()) {
    return fail("the patterns to redact by need too much memory together", "fewer or shorter ones");
  }
  return std::unique_ptr<Redactor>(new Redactor(std::move(own), std::move(custom)));
}

std::vector<Redactor::Span> Redactor::find(std::string_view text) const {
  std::vector<Span> spans;
  if (text.empty()) {
    return spans;
  }
  own_->find(text, spans);
  if (custom_ != nullptr) {
    if (text.find('\0') == std::string_view::npos) {
      custom_->find(text, spans);
    } else {
      // Without the first, so that ^ is where people expect it.
      std::string spaced(text);
      std::ranges::replace(spaced, '\0', ' ');
      const std::size_t skipped = text.front() == '\0' ? 1 : 0;
      std::vector<Span> more;
      custom_->find(std::string_view(spaced).substr(skipped), more);
      for (const Span& span : more) {
        spans.push_back({span.begin + skipped, span.end + skipped});
      }
    }
  }
  merge(spans);
  return spans;
}

std::string Redactor::masked(std::string_view text, std::span<const Span> spans) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  for (const Span& span : spans) {
    out += text.substr(at, span.begin - at);
    out += kRedacted;
    at = span.end;
  }
  return out += text.substr(at);
}

std::vector<Redactor::Count> Redactor::redacted() const {
  std::vector<Count> counts;
  own_->append_counts(counts);
  if (custom_ != nullptr) {
    custom_->append_counts(counts);
  }
  return counts;
}

}  // namespace bongsu
