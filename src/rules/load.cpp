// SPDX-License-Identifier: Apache-2.0
//
// Texts to a rule set: parse every file, gather the lists of all, check every rule, compile the good ones.
#include <array>
#include <charconv>
#include <map>

#include "rules/check_rule.h"
#include "rules/compile.h"
#include "rules/engine.h"
#include "rules/limits.h"
#include "rules/sources.h"

namespace bongsu {
namespace {

constexpr std::int64_t kEngineVersion = 1;  // of the rule language: `requires.engine`
constexpr std::array<std::string_view, 4> kFileKeys{"$schema", "requires", "lists", "rules"};
constexpr std::array<std::string_view, 2> kLaterFileKeys{"macros", "extends_lists"};
constexpr std::array<std::string_view, 1> kRequiresKeys{"engine"};

struct File {
  File(std::string name, JsonDocument parsed) : document(std::move(parsed)), report(std::move(name), document) {}
  JsonDocument document;
  Report report;
  const JsonNode::Member* rules = nullptr;
};

// "3:7: what" -> the place, and the message without it.
Diagnostic parse_diagnostic(std::string file, const Error& error) {
  Diagnostic diagnostic{Diagnostic::Level::error, std::move(file), 0, 0, {}, error.message, error.hint};
  const char* const end = error.message.data() + error.message.size();
  const auto line = std::from_chars(error.message.data(), end, diagnostic.line);
  if (line.ec == std::errc() && line.ptr != end && *line.ptr == ':') {
    const auto column = std::from_chars(line.ptr + 1, end, diagnostic.column);
    constexpr std::string_view kSeparator = ": ";
    if (column.ec == std::errc() && std::string_view(column.ptr, end).starts_with(kSeparator)) {
      diagnostic.message = std::string(column.ptr + kSeparator.size(), end);
    }
  }
  return diagnostic;
}

class Loader {
 public:
  LoadedRules load(std::vector<RuleSource> sources) {
    for (RuleSource& source : sources) {
      parse(std::move(source));
    }
    lists_.resolve();
    for (const auto& file : files_) {
      if (file && file->rules != nullptr) {
        rules(*file);
      }
    }
    finish();
    return std::move(loaded_);
  }

 private:
  void parse(RuleSource source) {
    ++loaded_.files;
    std::unique_ptr<File>& file = files_.emplace_back();
    std::vector<Diagnostic>& refused = refused_.emplace_back();
    if (source.text.size() > kMaxRuleFileBytes) {
      refused.push_back({Diagnostic::Level::error,
                         std::move(source.file),
                         0,
                         0,
                         {},
                         "the file is larger than " + std::to_string(kMaxRuleFileBytes >> 20) + " MiB",
                         "split it"});
      return;
    }
    Result<JsonDocument> document = JsonDocument::parse(std::move(source.text));
    if (!document) {
      refused.push_back(parse_diagnostic(std::move(source.file), document.error()));
      return;
    }
    file = std::make_unique<File>(std::move(source.file), std::move(*document));
    header(*file);
  }

  void header(File& file) {
    const Cursor root(file.document.root());
    if (!file.report.expect(root, JsonNode::Kind::object, "a rule file is an object")) {
      return;
    }
    usable_ = true;
    if (!meets_requirements(root, file)) {
      return;
    }
    for (const JsonNode::Member& member : root.node().members) {
      const Cursor at = root.member(member);
      if (member.key == "lists") {
        lists_.add(at, file.report);
      } else if (member.key == "rules") {
        file.rules = &member;
      } else if (member.key == "$schema") {
        file.report.expect(at, JsonNode::Kind::string, "$schema is a string");
      } else if (member.key != "requires") {
        refuse_key(file.report, at, member.key, kFileKeys, kLaterFileKeys);
      }
    }
  }

  static bool meets_requirements(const Cursor& root, File& file) {
    const JsonNode* node = root.node().find("requires");
    if (node == nullptr) {
      return true;
    }
    for (const JsonNode::Member& member : root.node().members) {
      if (&member.value != node) {
        continue;
      }
      const Cursor at = root.member(member);
      if (!file.report.expect(at, JsonNode::Kind::object, "requires is an object")) {
        return false;
      }
      for (const JsonNode::Member& requirement : node->members) {
        const Cursor here = at.member(requirement);
        if (requirement.key != "engine") {
          refuse_key(file.report, here, requirement.key, kRequiresKeys, {});
          return false;
        }
        if (!file.report.expect(here, JsonNode::Kind::integer, "engine is a whole number")) {
          return false;
        }
        if (requirement.value.integer > kEngineVersion) {
          file.report.error(here,
                            "the file needs engine " + std::to_string(requirement.value.integer) +
                                ", this program has " + std::to_string(kEngineVersion),
                            "update the program; the file is not used");
          return false;
        }
      }
    }
    return true;
  }

  void rules(File& file) {
    const Cursor root(file.document.root());
    const Cursor array = root.member(*file.rules);
    if (!file.report.expect(array, JsonNode::Kind::array, "rules is an array")) {
      return;
    }
    RuleChecker checker(file.report, lists_, memory_bytes_);
    for (std::size_t i = 0; i < file.rules->value.items.size(); ++i) {
      const Cursor at = array.item(i);
      if (++seen_rules_ > kMaxRules) {
        file.report.error(at, "more than " + std::to_string(kMaxRules) + " rules",
                          "this one and those after it are not used");
        return;
      }
      std::optional<ir::Rule> rule = checker.check(at);
      if (is_first_of_its_id(at, file) && rule) {
        rules_.push_back(std::move(*rule));
      }
    }
  }

  bool is_first_of_its_id(const Cursor& rule, File& file) {
    for (const JsonNode::Member& member : rule.node().members) {
      if (member.key != "id" || !is_rule_id(member.value.string) || rule.node().find("extends") != nullptr) {
        continue;
      }
      const auto [found, added] = ids_.try_emplace(member.value.string, file.report.where(member.value.offset));
      if (!added) {
        file.report.error(rule.member(member), "the rule id " + member.value.string + " is taken, at " + found->second,
                          "give one of them another id");
        return false;
      }
    }
    return true;
  }

  void finish() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      std::vector<Diagnostic> diagnostics = files_[i] ? files_[i]->report.take() : std::move(refused_[i]);
      std::ranges::move(diagnostics, std::back_inserter(loaded_.diagnostics));
    }
    if (!usable_) {
      return;
    }
    loaded_.rules = Compiler::compile(rules_);
    for (ir::Rule& rule : rules_) {
      if (rule.enabled) {
        std::ranges::move(rule.tests, std::back_inserter(loaded_.tests));
      }
    }
  }

  LoadedRules loaded_;
  std::vector<std::unique_ptr<File>> files_;      // null: refused as a whole
  std::vector<std::vector<Diagnostic>> refused_;  // beside files_
  Lists lists_;
  std::map<std::string, std::string> ids_;  // rule id to its place
  std::vector<ir::Rule> rules_;
  std::size_t seen_rules_ = 0;
  std::size_t memory_bytes_ = 0;
  bool usable_ = false;  // at least one file is a rule file
};

}  // namespace

LoadedRules load_rule_sources(std::vector<RuleSource> sources) { return Loader().load(std::move(sources)); }

Result<LoadedRules> load_rules(std::span<const std::filesystem::path> paths) {
  Result<SourceFiles> found = read_sources(paths);
  if (!found) {
    return tl::make_unexpected(std::move(found.error()));
  }
  LoadedRules loaded = load_rule_sources(std::move(found->sources));
  loaded.diagnostics.insert(loaded.diagnostics.begin(), std::make_move_iterator(found->diagnostics.begin()),
                            std::make_move_iterator(found->diagnostics.end()));
  return loaded;
}

}  // namespace bongsu
