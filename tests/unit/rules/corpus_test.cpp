// SPDX-License-Identifier: Apache-2.0
//
// tests/rules_corpus: files with one mistake each, and the one line that each of them gives; and good files, which give
// none. A new mistake is a new file there and its line in expected.json.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "support/source_folder.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNowNs = 1'795'246'460'000'000'000;  // 2026-11-21

fs::path corpus() { return source_folder() / "tests/rules_corpus"; }

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files(const char* folder) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus() / folder)) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

LoadedRules load(const fs::path& path) {
  std::vector<RuleSource> sources;
  sources.push_back({path.filename().string(), read(path)});
  return load_rule_sources(std::move(sources), kNowNs);
}

std::map<std::string, std::string> expectations() {
  std::map<std::string, std::string> lines;
  const std::string text = read(corpus() / "expected.json");
  const Result<JsonDocument> document = JsonDocument::parse(text);
  EXPECT_TRUE(document) << document.error().to_string();
  for (const JsonNode::Member& member : document->root().members) {
    lines[member.key] = member.value.string;
  }
  return lines;
}

TEST(Corpus, EachBrokenFileGivesItsOneLine) {
  std::map<std::string, std::string> expected = expectations();
  EXPECT_GE(expected.size(), 150U);
  for (const fs::path& path : files("bad")) {
    const std::string name = path.filename().string();
    const LoadedRules loaded = load(path);
    ASSERT_EQ(loaded.diagnostics.size(), 1U) << name << "\n" << testing::all_text(loaded.diagnostics);
    EXPECT_TRUE(loaded.has_errors()) << name;
    EXPECT_EQ(loaded.diagnostics[0].to_string(), name + ":" + expected[name]);
    expected.erase(name);
  }
  for (const auto& [name, line] : expected) {
    ADD_FAILURE() << name << " is expected, but not there";
  }
}

TEST(Corpus, GoodFilesGiveNone) {
  const std::vector<fs::path> good = files("good");
  EXPECT_GE(good.size(), 10U);
  for (const fs::path& path : good) {
    const LoadedRules loaded = load(path);
    EXPECT_TRUE(loaded.diagnostics.empty()) << testing::all_text(loaded.diagnostics);
    for (const InlineTestResult& result : run_inline_tests(loaded)) {
      EXPECT_TRUE(result.passed) << result.to_string();
    }
  }
}

// Whatever a file is cut down to, it is read or refused with lines, and never more than read.
TEST(Corpus, CutFilesAreRefusedWithOneLineEach) {
  for (const fs::path& path : files("good")) {
    const std::string text = read(path);
    for (std::size_t size = 0; size < text.size(); size += 7) {
      std::vector<RuleSource> sources;
      sources.push_back({"cut.json", text.substr(0, size)});
      const LoadedRules loaded = load_rule_sources(std::move(sources), kNowNs);
      if (text.find_first_not_of(" \n", size) != std::string::npos) {
        ASSERT_EQ(loaded.diagnostics.size(), 1U) << path << " cut to " << size;
        ASSERT_EQ(loaded.rules, nullptr) << path << " cut to " << size;
      }
    }
  }
}

}  // namespace
}  // namespace bongsu
