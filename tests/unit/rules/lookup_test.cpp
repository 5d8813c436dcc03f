// SPDX-License-Identifier: Apache-2.0
//
// The tables that rules are found by.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "rules/glob_literals.h"
#include "rules/limits.h"
#include "rules/network_table.h"
#include "rules/number_map.h"
#include "rules/search_set.h"
#include "rules/text_map.h"
#include "rules/text_trie.h"

namespace bongsu {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::uint32_t>;

TEST(TextMap, FindsEachTextAndNoOther) {
  Texts texts;
  for (int i = 0; i < 2'000; ++i) {
    texts.push_back("text" + std::to_string(i * 7));
  }
  texts.emplace_back();
  texts.emplace_back(300, 'x');
  const TextMap map(texts, false);
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(map.find(texts[i]), i);
  }
  for (const char* const other : {"text1", "text", "TEXT7", "y", "text70000"}) {
    EXPECT_EQ(map.find(other), TextMap::kNone) << other;
  }
  EXPECT_FALSE(map.contains(std::string(299, 'x')));
  EXPECT_FALSE(TextMap().contains(""));
  EXPECT_FALSE(TextMap(Texts{}, false).contains(""));
}

TEST(TextMap, CaseAndRepeats) {
  const TextMap map(Texts{"a", "bash", "a"}, true);
  EXPECT_EQ(map.find("A"), 0U);
  EXPECT_EQ(map.find("BaSh"), 1U);
  EXPECT_FALSE(map.contains("bush"));
}

TEST(NumberMap, FindsEachNumberAndNoOther) {
  std::vector<std::int64_t> numbers{0, -1, INT64_MAX, INT64_MIN, 7, 7};
  for (std::int64_t i = 100; i < 1'000; ++i) {
    numbers.push_back(i << 20);
  }
  const NumberMap map(numbers);
  EXPECT_EQ(map.find(7), 4U);
  for (const std::int64_t number : numbers) {
    EXPECT_TRUE(map.contains(number)) << number;
  }
  EXPECT_FALSE(map.contains(1));
  EXPECT_FALSE(NumberMap().contains(0));
}

Numbers found(const TextTrie& trie, std::string_view text) {
  Numbers result;
  (void)trie.any(text, [&](std::uint32_t number) {
    result.push_back(number);
    return false;
  });
  return result;
}

TEST(TextTrie, AllPrefixesShortestFirst) {
  const TextTrie trie(Texts{"/usr/lib/", "/usr/bin/", "/usr/", "/", "/usr/bin/sh", "b", "/usr/"}, TextTrie::End::front,
                      false);
  EXPECT_EQ(found(trie, "/usr/bin/sh -c"), (Numbers{3, 2, 1, 4}));
  EXPECT_EQ(found(trie, "/usr/bin/"), (Numbers{3, 2, 1}));
  EXPECT_EQ(found(trie, "/usr/bi"), (Numbers{3, 2}));
  EXPECT_EQ(found(trie, "/USR/"), Numbers{3});
  EXPECT_EQ(found(trie, ""), Numbers{});
  EXPECT_EQ(found(trie, "a"), Numbers{});
  EXPECT_EQ(found(TextTrie(), "a"), Numbers{});
  EXPECT_EQ(found(TextTrie(Texts{}, TextTrie::End::front, false), "a"), Numbers{});
}

TEST(TextTrie, SuffixesAndCase) {
  const TextTrie trie(Texts{".so", "x.so", ".sh", "\xc3"}, TextTrie::End::back, true);
  EXPECT_EQ(found(trie, "libX.SO"), (Numbers{0, 1}));
  EXPECT_EQ(found(trie, "so"), Numbers{});
  EXPECT_EQ(found(trie, ".Sh"), Numbers{2});
  EXPECT_EQ(found(trie, "\xc3"), Numbers{3});
}

// A chain as deep as a list is long.
TEST(TextTrie, ManyInsideOneAnother) {
  Texts texts;
  for (std::size_t i = 1; i <= 3'000; ++i) {
    texts.emplace_back(i, 'a');
  }
  const TextTrie trie(texts, TextTrie::End::front, false);
  EXPECT_EQ(found(trie, std::string(2'000, 'a')).size(), 2'000U);
  EXPECT_TRUE(trie.any(std::string(2'000, 'a'), [](std::uint32_t number) { return number == 1'999; }));
}

TEST(NetworkTable, WidestFirst) {
  std::vector<Network> networks;
  for (const char* const text :
       {"10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "10.1.2.2/31", "fd00::/8", "::/0", "10.99.0.0/8"}) {
    networks.push_back(parse_network(text).value());
  }
  const NetworkTable table(networks);
  const auto holding = [&](const char* address) {
    Numbers result;
    (void)table.any(parse_address(address).value(), [&](std::uint32_t number) {
      result.push_back(number);
      return false;
    });
    return result;
  };
  EXPECT_EQ(holding("10.1.2.3"), (Numbers{5, 2, 0, 3, 1}));
  EXPECT_EQ(holding("10.1.2.4"), (Numbers{5, 2, 0}));
  EXPECT_EQ(holding("::ffff:11.1.2.4"), (Numbers{5, 2}));
  EXPECT_EQ(holding("fd12::1"), (Numbers{5, 4}));
  for (const char* const bad : {"", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4 ", "fd00::/8"}) {
    EXPECT_FALSE(parse_address(bad)) << bad;
  }
}

std::set<std::uint32_t> candidates(const SearchSet& set, std::string_view text) {
  std::set<std::uint32_t> result;
  set.candidates(text, [&](std::uint32_t key) { result.insert(key); });
  return result;
}

std::vector<SearchPattern> words(std::uint32_t count) {
  std::vector<SearchPattern> patterns;
  patterns.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    patterns.push_back({"word" + std::to_string(i) + "[.]", i});
  }
  return patterns;
}

TEST(SearchSet, NoneForMostTextsAndFewForAHit) {
  std::size_t budget = kMaxRegexSetsBytes;
  const SearchSet set(words(500), false, budget);
  EXPECT_LT(budget, kMaxRegexSetsBytes);
  EXPECT_TRUE(candidates(set, "word17").empty());
  for (const std::uint32_t i : {0U, 17U, 499U}) {
    const auto hit = candidates(set, "a word" + std::to_string(i) + ". And more");
    EXPECT_TRUE(hit.contains(i));
    EXPECT_LE(hit.size(), 8U);
  }
}

// What cannot be searched for together is left to its own rule.
TEST(SearchSet, WithoutMemoryAllAreCandidates) {
  std::size_t budget = 0;
  EXPECT_EQ(candidates(SearchSet(words(100), false, budget), "nothing").size(), 100U);
}

TEST(GlobLiterals, OfEachWayThroughTheBraces) {
  const auto only = [](std::string_view pattern) {
    const std::vector<GlobLiterals> ways = glob_literals(pattern);
    EXPECT_EQ(ways.size(), 1U) << pattern;
    return ways.front().prefix + '|' + ways.front().longest + '|' + ways.front().suffix;
  };
  EXPECT_EQ(only("/etc/passwd"), "/etc/passwd|/etc/passwd|/etc/passwd");
  EXPECT_EQ(only("/etc/*.conf"), "/etc/|/etc/|.conf");
  EXPECT_EQ(only("**/nsenter"), "|nsenter|nsenter");
  EXPECT_EQ(only("/a/**/b"), "/a/|/a/|b");
  EXPECT_EQ(only("?[]x]long[!a-z]"), "|long|");
  EXPECT_EQ(only(R"(a\*b[\]]c\{)"), "a*b|a*b|c{");
  const std::vector<GlobLiterals> ways = glob_literals("/usr/{bin,lib/{x,y}}/sh*");
  ASSERT_EQ(ways.size(), 3U);
  EXPECT_EQ(ways[0].prefix, "/usr/bin/sh");
  EXPECT_EQ(ways[2].prefix, "/usr/lib/y/sh");
  // Too many ways: braces count as a gap.
  const std::vector<GlobLiterals> many = glob_literals("/p{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}");
  EXPECT_LE(many.size(), 16U);
  EXPECT_TRUE(std::ranges::all_of(many, [](const GlobLiterals& way) { return way.prefix.starts_with("/p"); }));
}

}  // namespace
}  // namespace bongsu
