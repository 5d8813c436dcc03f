// SPDX-License-Identifier: Apache-2.0
//
// Files and directories, and the bounds of what is taken from them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "rules/limits.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

class LoadTest : public ::testing::Test {
 protected:
  LoadTest() {
    std::string pattern = (fs::temp_directory_path() / "bongsu-rules-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(root_); }

  static std::string rule(const std::string& id) {
    return R"({"id": ")" + id + R"(", "name": "A", "severity": "low", "event": "exec"})";
  }
  static std::string file(const std::string& id) { return R"({"rules": [)" + rule(id) + "]}"; }
  void write(const fs::path& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  static std::vector<std::string> ids(const LoadedRules& loaded) {
    std::vector<std::string> result;
    for (const Rule& each : loaded.rules->rules()) {
      result.push_back(each.id);
    }
    return result;
  }
  Result<LoadedRules> load(std::vector<fs::path> paths) {
    for (fs::path& path : paths) {
      path = root_ / path;
    }
    return load_rules(paths, 0);
  }

  fs::path root_;
};

using Ids = std::vector<std::string>;

TEST_F(LoadTest, DirectoriesRecursivelyInNameOrderJsonOnly) {
  write("rules/20.json", file("d"));
  write("rules/10.json", file("a"));
  write("rules/15/z.json", file("c"));
  write("rules/15/a/b.json", file("b"));
  write("rules/README.md", "not a rule");
  write("rules/old.json.bak", "not a rule");
  write("other.rules", file("e"));
  const Result<LoadedRules> loaded = load({"rules", "other.rules"});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_TRUE(loaded->diagnostics.empty()) << testing::all_text(loaded->diagnostics);
  EXPECT_EQ(ids(*loaded), (Ids{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(loaded->files, 5U);
  EXPECT_EQ(loaded->rules->rules()[0].file, (root_ / "rules/10.json").string());
}

// A ConfigMap's mount: names are links through ..data to a dated directory. Each file counts once.
TEST_F(LoadTest, MountedConfigMap) {
  write("cm/..2026_11_21/a.json", file("a"));
  fs::create_directory_symlink("..2026_11_21", root_ / "cm/..data");
  fs::create_symlink("..data/a.json", root_ / "cm/a.json");
  const Result<LoadedRules> loaded = load({"cm"});
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->diagnostics.empty()) << testing::all_text(loaded->diagnostics);
  EXPECT_EQ(ids(*loaded), Ids{"a"});
}

TEST_F(LoadTest, LinkedDirectoryIsNotFollowed) {
  write("rules/a.json", file("a"));
  fs::create_directory_symlink(".", root_ / "rules/loop");
  const Result<LoadedRules> loaded = load({"rules"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(ids(*loaded), Ids{"a"});
}

TEST_F(LoadTest, MissingPathIsAnErrorWithAHint) {
  const Result<LoadedRules> loaded = load({"nowhere"});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "no rules at " + (root_ / "nowhere").string());
  EXPECT_FALSE(loaded.error().hint.empty());
}

TEST_F(LoadTest, FifoIsRefusedWithoutWaiting) {
  ASSERT_EQ(::mkfifo((root_ / "p.json").c_str(), 0600), 0);
  EXPECT_FALSE(load({"p.json"}));
  const Result<LoadedRules> loaded = load({""});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->diagnostics.size(), 1U);
  EXPECT_NE(loaded->diagnostics[0].message.find("neither a file nor a directory"), std::string::npos);
}

TEST_F(LoadTest, UnreadableFileInADirectoryIsTold) {
  fs::create_symlink("gone", root_ / "broken.json");
  write("good.json", file("a"));
  const Result<LoadedRules> loaded = load({""});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->diagnostics.size(), 1U);
  EXPECT_EQ(loaded->diagnostics[0].line, 0U);
  EXPECT_TRUE(loaded->has_errors());
  EXPECT_EQ(ids(*loaded), Ids{"a"});
}

TEST_F(LoadTest, EmptyDirectoryIsTold) {
  fs::create_directories(root_ / "empty");
  const Result<LoadedRules> loaded = load({"empty"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->rules, nullptr);
  EXPECT_EQ(loaded->files, 0U);
  ASSERT_EQ(loaded->diagnostics.size(), 1U);
  EXPECT_EQ(loaded->diagnostics[0].level, Diagnostic::Level::warning);
}

TEST_F(LoadTest, FileThatIsNoJsonIsLeftOutWhole) {
  write("a.json", "{\"rules\": [" + rule("x") + ", ]}");
  write("b.json", file("b"));
  const Result<LoadedRules> loaded = load({""});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(ids(*loaded), Ids{"b"});
  ASSERT_EQ(loaded->diagnostics.size(), 1U);
  EXPECT_EQ(loaded->diagnostics[0].file, (root_ / "a.json").string());
}

TEST_F(LoadTest, RefusedFileDoesNotCountAsUsable) {
  const LoadedRules loaded = testing::load_text("[]");
  EXPECT_EQ(loaded.rules, nullptr);
  EXPECT_EQ(loaded.files, 1U);
}

TEST_F(LoadTest, FileThatIsTooLarge) {
  write("big.json", std::string(kMaxRuleFileBytes + 1, ' '));
  const Result<LoadedRules> loaded = load({"big.json"});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->diagnostics.size(), 1U);
  EXPECT_EQ(loaded->diagnostics[0].message, "the file is larger than 4 MiB");
}

TEST_F(LoadTest, TooManyRules) {
  std::string text = "{\"rules\": [";
  for (std::size_t i = 0; i < kMaxRules + 2; ++i) {
    text += (i == 0 ? "" : ",") + rule("r" + std::to_string(i));
  }
  const LoadedRules loaded = testing::load_text(text + "]}");
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].message, "more than 10000 rules");
  EXPECT_EQ(loaded.rules->rules().size(), kMaxRules);
}

TEST_F(LoadTest, TooManyFiles) {
  for (std::size_t i = 0; i <= kMaxRuleFiles; ++i) {
    write("many/" + std::to_string(i) + ".json", "{}");
  }
  const Result<LoadedRules> loaded = load({"many"});
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("more than 1000 rule files"), std::string::npos);
}

std::string nested_match(std::size_t levels) {
  std::string match = R"({"process.pid": 1})";
  for (std::size_t i = 0; i < levels; ++i) {
    match = R"({"not": )" + match + "}";
  }
  return match;
}

TEST_F(LoadTest, MatchThatIsNestedTooDeep) {
  EXPECT_FALSE(testing::load_text(testing::file_with_match(nested_match(kMaxMatchDepth))).has_errors());
  const LoadedRules loaded = testing::load_text(testing::file_with_match(nested_match(kMaxMatchDepth + 1)));
  ASSERT_EQ(loaded.diagnostics.size(), 1U) << testing::all_text(loaded.diagnostics);
  EXPECT_NE((loaded.diagnostics[0].message + loaded.diagnostics[0].hint).find("deep"), std::string::npos)
      << loaded.diagnostics[0].to_string();
}

// Lists of lists of lists: 10^30 items on paper.
TEST_F(LoadTest, ListThatGrowsWithoutBound) {
  std::string text = R"({"lists": {"l0": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])";
  for (int i = 1; i < 30; ++i) {
    const std::string below = "\"$l" + std::to_string(i - 1) + '"';
    text += ", \"l" + std::to_string(i) + "\": [" + below;
    for (int n = 1; n < 10; ++n) {
      text += ", " + below;
    }
    text += ']';
  }
  const LoadedRules loaded = testing::load_text(text + "}}");
  ASSERT_EQ(loaded.diagnostics.size(), 1U) << testing::all_text(loaded.diagnostics);
  EXPECT_NE(loaded.diagnostics[0].message.find("items"), std::string::npos);
}

TEST_F(LoadTest, RegexesThatTogetherNeedTooMuch) {
  std::string text = "{\"rules\": [";
  for (int i = 0; i < 2100; ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"id": "r)") + std::to_string(i) +
            R"(", "name": "A", "severity": "low", "event": "exec", "match": {"process.name": {"regex": "a"}}})";
  }
  const LoadedRules loaded = testing::load_text(text + "]}");
  ASSERT_TRUE(loaded.has_errors());
  EXPECT_NE(loaded.diagnostics[0].message.find("512 MiB"), std::string::npos);
  EXPECT_EQ(loaded.rules->rules().size() + loaded.diagnostics.size(), 2100U);
}

TEST_F(LoadTest, RequirementsThatAreMet) {
  const LoadedRules loaded = testing::load_text(
      R"({"$schema": "./rules.schema.json", "requires": {"engine": 1}, "rules": [)" + rule("a") + "]}");
  EXPECT_TRUE(loaded.diagnostics.empty()) << testing::all_text(loaded.diagnostics);
  EXPECT_EQ(ids(loaded), Ids{"a"});
}

}  // namespace
}  // namespace bongsu
