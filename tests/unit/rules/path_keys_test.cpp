// SPDX-License-Identifier: Apache-2.0
//
// Conditions on paths, and what the kernel side is to look for in them.
#include "rules/path_keys.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "rules/text_case.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

struct Case {
  std::string_view field;
  std::string_view value;
  std::string_view keys;  // components, and extensions as *.x; "any" for none
};

std::string keys_in_words(const std::optional<PathKeys>& keys) {
  if (!keys) {
    return "any";
  }
  std::string text;
  for (const std::string& component : keys->components) {
    text.append(text.empty() ? "" : " ").append(component);
  }
  for (const std::string& extension : keys->extensions) {
    text.append(text.empty() ? "*." : " *.").append(extension);
  }
  return text;
}

std::optional<PathKeys> keys_of(std::string_view field, std::string_view value) {
  const LoadedRules loaded = testing::load_text(
      testing::file_with_match("{\"" + std::string(field) + "\": " + std::string(value) + "}", R"("open")"));
  EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  return path_keys(loaded.checked->front().steps.front().match.children.front().test);
}

constexpr std::array kCases{
    Case{"file.path", R"("/etc/shadow")", "shadow"},
    Case{"file.path", R"({"eq": "/ETC/Shadow", "ignore_case": true})", "shadow"},
    Case{"file.path", R"(["/etc/shadow", "/etc/passwd-"])", "passwd- shadow"},
    Case{"file.path", R"("/")", "any"},
    Case{"file.path", R"({"ne": "/etc/shadow"})", "any"},
    Case{"file.path", R"({"exists": true})", "any"},
    Case{"file.path", R"({"prefix": "/etc/"})", "etc"},
    Case{"file.path", R"({"prefix": "/etc/cron"})", "etc"},
    Case{"file.path", R"({"prefix": "/etc/cron.d/"})", "cron.d"},
    Case{"file.path", R"({"prefix": "/"})", "any"},
    Case{"file.path", R"({"prefix": "/et"})", "any"},
    Case{"file.path", R"({"suffix": "/shadow"})", "shadow"},
    Case{"file.path", R"({"suffix": "shadow"})", "any"},
    Case{"file.path", R"({"suffix": ["/etc/shadow", "w/x/yz1"]})", "shadow yz1"},
    Case{"file.path", R"({"suffix": ["/etc/shadow", "shadow"]})", "any"},
    Case{"file.path", R"({"suffix": ".keytab"})", "*.keytab"},
    Case{"file.path", R"({"suffix": "a.tar.gz"})", "*.gz"},
    Case{"file.path", R"({"suffix": "a."})", "any"},
    Case{"file.path", R"({"suffix": ".d/x"})", "x"},
    Case{"file.path", R"({"contains": "/.ssh/"})", ".ssh"},
    Case{"file.path", R"({"contains": ".ssh/"})", "any"},
    Case{"file.path", R"({"contains": "/a/b/secrets"})", "a"},
    Case{"file.path", R"({"contains": "/secrets"})", "any"},
    Case{"file.path", R"({"prefix": "/usr/lib/", "suffix": "/pam_x.so"})", "pam_x.so"},
    Case{"file.path", R"({"glob": "**/.aws/credentials"})", "credentials"},
    Case{"file.path", R"({"glob": "**/secret"})", "secret"},
    Case{"file.path", R"({"glob": "**secret"})", "any"},
    Case{"file.path", R"({"glob": "/home/*/.netrc"})", ".netrc"},
    Case{"file.path", R"({"glob": "/home/*/.net*"})", "home"},
    Case{"file.path", R"({"glob": "/**/{a1,b1/c11,}{x,y}"})", "a1x a1y c11x c11y x y"},
    Case{"file.path", R"({"glob": "/**/x*/y[ab]"})", "any"},
    Case{"file.path", R"({"glob": "/var/log/**"})", "log"},
    Case{"file.path", R"({"glob": "**/hooks/**/*.sample"})", "hooks"},
    Case{"file.path", R"({"glob": "/usr/lib/**.so"})", "*.so"},
    Case{"file.path", R"({"glob": "/**/a\\*b"})", "a*b"},
    Case{"file.path", R"({"glob": "{/proc,**}/self"})", "self"},
    Case{"file.path", R"({"glob": "x{a,/}**/self"})", "self x"},
    Case{"file.path", R"({"regex": "/\\.ssh/id_[a-z]+$"})", ".ssh"},
    Case{"file.path", R"({"regex": "^/proc/[0-9]+/(task/[0-9]+/)?mem$"})", "mem"},
    Case{"file.path", R"({"regex": "^(/.*)?/(tmp|run/user/[0-9]+|var/tmp)/krb5cc"})", "tmp user"},
    Case{"file.path", R"({"regex": "(?i)\\.(php[3-8]?|phtml)$"})",
         "*.php *.php3 *.php4 *.php5 *.php6 *.php7 *.php8 *.phtml"},
    Case{"file.path", R"-({"regex": "\\.git(/|$)"})-", "any"},
    Case{"file.path", R"-({"regex": "/\\.git(/|$)"})-", ".git"},
    Case{"file.path", R"-({"regex": "\\.x[a-z]$"})-", "any"},
    Case{"file.path", R"-({"regex": "/x[a-c-e]/"})-", "x- xa xb xc xe"},
    Case{"file.path", R"-({"regex": "/x[^a-c]/"})-", "any"},
    Case{"file.path", R"({"regex": "/secret"})", "any"},
    Case{"file.path", R"({"regex": "/secret/*x"})", "any"},
    Case{"file.path", R"({"regex": "/secret/+x"})", "secret"},
    Case{"file.path", R"({"regex": "/a{2}/secret{0,1}/"})", "any"},
    Case{"file.path", R"({"regex": "(?m)^/secret$"})", "any"},
    Case{"file.path", R"({"regex": "\\Q/secret/\\E"})", "any"},
    Case{"file.path", R"({"regex": "/sec\\x72et/"})", "any"},
    Case{"file.name", R"("shadow")", "shadow"},
    Case{"file.name", R"({"prefix": "."})", "any"},
    Case{"file.name", R"({"suffix": ".so"})", "*.so"},
    Case{"file.name", R"({"glob": "{id_rsa,*.pem}"})", "id_rsa *.pem"},
    Case{"file.name", R"({"glob": "id_*"})", "any"},
};

TEST(PathKeys, OfConditions) {
  for (const Case& each : kCases) {
    EXPECT_EQ(keys_in_words(keys_of(each.field, each.value)), each.keys) << each.field << ' ' << each.value;
  }
}

bool has_key(const PathKeys& keys, std::string_view path) {
  const std::string text = folded(path);
  const std::string_view last = std::string_view(text).substr(text.rfind('/') + 1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    if (keys.components.contains(text.substr(at, end - at))) {
      return true;
    }
    at = end + 1;
  }
  const std::size_t dot = last.rfind('.');
  return dot != std::string_view::npos && keys.extensions.contains(std::string(last.substr(dot + 1)));
}

// Pieces of patterns, put together at random: whatever path a pattern matches has one of its keys.
class Patterns {
 public:
  explicit Patterns(unsigned seed) : random_(seed) {}

  std::string pattern(bool regex) {
    static constexpr std::array<std::string_view, 22> kGlob{
        "/",    "/",    "/",     "a",      "b",    "etc",   ".x",   "*",   "?",     "**",        "**/",
        "/**/", "[ab]", "{a,b}", "{a,b/}", "{,/}", "{*,a}", "[!a]", "\\*", "/etc/", "{/a,**/b}", "."};
    static constexpr std::array<std::string_view, 30> kRegex{
        "/",     "/",      "/",     "a",     "b",    "etc",   "\\.x",  ".*",   "[ab]",  "[^/]+",
        "(a|b)", "(a|b/)", "(/|$)", "(^|/)", "a?",   "/?",    "/*",    "/+",   "(a/)?", "(?:ab)*",
        "^/",    "$",      "\\b",   "[a-c]", "a{2}", "/{1,}", "(?i)A", "{,2}", "[]/]",  "(a|/b)?"};
    std::string result;
    for (std::size_t n = 1 + pick(7); n > 0; --n) {
      result += regex ? kRegex[pick(kRegex.size())] : kGlob[pick(kGlob.size())];
    }
    return result;
  }

  std::string path() {
    static constexpr std::array<std::string_view, 9> kPieces{"/", "/", "/", "a", "b", "etc", "x", ".x", "A"};
    std::string result = "/";
    for (std::size_t n = pick(8); n > 0; --n) {
      if (const std::string_view piece = kPieces[pick(kPieces.size())]; piece != "/" || !result.ends_with('/')) {
        result += piece;
      }
    }
    return result.size() > 1 && result.ends_with('/') ? result + "a" : result;
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  std::mt19937 random_;
};

int keyed_matches(const char* name, bool regex, int patterns, Patterns& random) {
  const Operator* const op = find_operator(name);
  int keyed = 0;
  for (int i = 0; i < patterns; ++i) {
    Operand operand{{random.pattern(regex)}, i % 5 == 0};
    const auto predicate = op->build(operand);
    if (!predicate) {
      continue;
    }
    ir::FieldTest test{FieldId::file_path, ir::Quantifier::any, {}};
    test.tests.push_back({op, operand, *predicate});
    const std::optional<PathKeys> keys = path_keys(test);
    for (int j = 0; j < 60 && keys; ++j) {
      const std::string path = random.path();
      if ((*predicate)->test(Value::of(std::string_view(path)))) {
        ++keyed;
        EXPECT_TRUE(has_key(*keys, path)) << name << ' ' << std::get<std::string>(operand.values.front()) << " matches "
                                          << path << ", keys: " << keys_in_words(keys);
      }
    }
  }
  return keyed;
}

TEST(PathKeys, EveryPathThatMatchesHasOne) {
  constexpr unsigned kSeed = 20261204;
  SCOPED_TRACE(kSeed);
  Patterns random(kSeed);
  EXPECT_GT(keyed_matches("glob", false, 6'000, random), 1'000);
  EXPECT_GT(keyed_matches("regex", true, 40'000, random), 1'000);
}

}  // namespace
}  // namespace bongsu
