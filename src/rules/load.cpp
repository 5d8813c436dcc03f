// SPDX-License-Identifier: Apache-2.0
//
// Texts to a rule set: parse every file, gather the lists of all, check every rule, compile the good ones.
#include <algorithm>
#include <array>
#include <map>

#include "rules/check_rule.h"
#include "rules/compile.h"
#include "rules/engine.h"
#include "rules/limits.h"
#include "rules/sources.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 6> kFileKeys{"$schema", "requires", "lists", "macros", "rules", "extends_lists"};
constexpr std::array<std::string_view, 1> kRequiresKeys{"engine"};

struct File {
  File(std::string name, JsonDocument parsed) : document(std::move(parsed)), report(std::move(name), document) {}
  JsonDocument document;
  Report report;
  const JsonNode::Member* rules = nullptr;
  const JsonNode::Member* macros = nullptr;
  const JsonNode::Member* extends_lists = nullptr;
};

// A rule that changes another: which file's, which of its rules.
struct Extension {
  File* file = nullptr;
  std::size_t index = 0;
};

class Loader {
 public:
  explicit Loader(std::int64_t now_ns) { load_.now_ns = now_ns; }

  LoadedRules load(std::vector<RuleSource> sources) {
    for (RuleSource& source : sources) {
      parse(std::move(source));
    }
    each_file([this](File& file) { extend_lists(file); });
    load_.vocabulary.lists.resolve();
    each_file([this](File& file) { check_macros(file); });
    each_file([this](File& file) { rules(file); });
    for (const Extension& extension : extensions_) {
      extend(extension);
    }
    finish();
    return std::move(loaded_);
  }

 private:
  template <typename Use>
  void each_file(Use&& use) {
    for (const auto& file : files_) {
      if (file) {
        use(*file);
      }
    }
  }

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
      loaded_.complete = false;
      return;
    }
    Result<JsonDocument> document = JsonDocument::parse(std::move(source.text));
    if (!document) {
      refused.push_back(parse_diagnostic(std::move(source.file), document.error()));
      loaded_.complete = false;
      return;
    }
    file = std::make_unique<File>(std::move(source.file), std::move(*document));
    header(*file);
  }

  void header(File& file) {
    const Cursor root(file.document.root());
    if (!file.report.expect(root, JsonNode::Kind::object, "a rule file is an object")) {
      loaded_.complete = false;
      return;
    }
    usable_ = true;
    if (!meets_requirements(root, file)) {
      loaded_.complete = false;
      return;
    }
    for (const JsonNode::Member& member : root.node().members) {
      const Cursor at = root.member(member);
      if (member.key == "lists") {
        load_.vocabulary.lists.add(at, file.report);
      } else if (member.key == "extends_lists") {
        file.extends_lists = &member;
      } else if (member.key == "macros") {
        file.macros = &member;
        load_.vocabulary.macros.add(at, file.report);
      } else if (member.key == "rules") {
        file.rules = &member;
      } else if (member.key == "$schema") {
        file.report.expect(at, JsonNode::Kind::string, "$schema is a string");
      } else if (member.key != "requires") {
        refuse_key(file.report, at, member.key, kFileKeys);
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
          refuse_key(file.report, here, requirement.key, kRequiresKeys);
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

  void extend_lists(File& file) {
    if (file.extends_lists != nullptr) {
      const Cursor root(file.document.root());
      load_.vocabulary.lists.extend(root.member(*file.extends_lists), file.report);
    }
  }

  // Once each, used or not, with the fields of all events.
  void check_macros(File& file) const {
    if (file.macros == nullptr || file.macros->value.kind != JsonNode::Kind::object) {
      return;
    }
    const Cursor root(file.document.root());
    const Cursor macros = root.member(*file.macros);
    for (const JsonNode::Member& member : file.macros->value.members) {
      if (member.value.kind == JsonNode::Kind::object) {
        ConditionBytes bytes;  // it costs where it is used
        MatchChecker checker(file.report, load_.vocabulary, {}, bytes);
        static_cast<void>(checker.check(macros.member(member), '$' + member.key));
      }
    }
  }

  void rules(File& file) {
    if (file.rules == nullptr) {
      return;
    }
    const Cursor root(file.document.root());
    const Cursor array = root.member(*file.rules);
    if (!file.report.expect(array, JsonNode::Kind::array, "rules is an array")) {
      return;
    }
    RuleChecker checker(file.report, load_);
    for (std::size_t i = 0; i < file.rules->value.items.size(); ++i) {
      const Cursor at = array.item(i);
      if (++seen_rules_ > kMaxRules) {
        file.report.error(at, "more than " + std::to_string(kMaxRules) + " rules",
                          "this one and those after it are not used");
        return;
      }
      if (at.node().find("extends") != nullptr) {
        extensions_.push_back({&file, i});
        continue;
      }
      std::optional<ir::Rule> rule = checker.check(at);
      if (is_first_of_its_id(at, file) && rule) {
        rules_.push_back(std::move(*rule));
      }
    }
  }

  void extend(const Extension& extension) {
    File& file = *extension.file;
    const Cursor root(file.document.root());
    const Cursor array = root.member(*file.rules);
    const Cursor at = array.item(extension.index);
    const Cursor name = at.member(*find_member(at, "extends"));
    if (!file.report.expect(name, JsonNode::Kind::string, "extends is the id of a rule")) {
      return;
    }
    const std::string& id = name.node().string;
    const auto base = std::ranges::find(rules_, id, [](const ir::Rule& rule) { return rule.head.id; });
    if (base != rules_.end()) {
      RuleChecker(file.report, load_).extend(at, *base);
    } else if (const auto bad = ids_.find(id); bad != ids_.end()) {
      file.report.error(name, "the rule " + id + " has errors itself, at " + bad->second);
    } else {
      std::vector<std::string_view> known;
      known.reserve(ids_.size());
      for (const auto& [each, place] : ids_) {
        known.push_back(each);
      }
      std::string hint = did_you_mean(id, known);
      file.report.error(name, "no rule has the id " + id,
                        hint.empty() ? "bongsu rules list shows all ids" : std::move(hint));
    }
  }

  bool is_first_of_its_id(const Cursor& rule, File& file) {
    for (const JsonNode::Member& member : rule.node().members) {
      if (member.key != "id" || !is_rule_id(member.value.string)) {
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
    loaded_.expired_exceptions = load_.expired;
    loaded_.next_expiry_ns = load_.next_expiry_ns;
    if (!usable_) {
      return;
    }
    loaded_.rules = Compiler::compile(rules_);
    for (ir::Rule& rule : rules_) {
      if (rule.enabled) {
        std::ranges::move(rule.tests, std::back_inserter(loaded_.tests));
      }
    }
    loaded_.checked = std::make_shared<const std::vector<ir::Rule>>(std::move(rules_));
  }

  LoadedRules loaded_;
  std::vector<std::unique_ptr<File>> files_;      // null: refused as a whole
  std::vector<std::vector<Diagnostic>> refused_;  // beside files_
  LoadContext load_;
  std::map<std::string, std::string> ids_;  // rule id to its place
  std::vector<ir::Rule> rules_;
  std::vector<Extension> extensions_;  // in the order of files and places
  std::size_t seen_rules_ = 0;
  bool usable_ = false;  // at least one file is a rule file
};

}  // namespace

LoadedRules load_rule_sources(std::vector<RuleSource> sources, std::int64_t now_ns) {
  return Loader(now_ns).load(std::move(sources));
}

LoadedRules without_expired(const LoadedRules& loaded, std::int64_t now_ns) {
  LoadedRules left = loaded;
  left.diagnostics.clear();
  left.next_expiry_ns = 0;
  std::vector<ir::Rule> rules = *loaded.checked;
  for (ir::Rule& rule : rules) {
    for (std::size_t i = rule.exceptions.size(); i-- > 0;) {
      const Exception& exception = rule.head.exceptions[i];
      if (exception.expires_ns == 0) {
        continue;
      }
      if (exception.expires_ns > now_ns) {
        left.next_expiry_ns =
            left.next_expiry_ns == 0 ? exception.expires_ns : std::min(left.next_expiry_ns, exception.expires_ns);
        continue;
      }
      ++left.expired_exceptions;
      left.diagnostics.push_back({Diagnostic::Level::warning,
                                  rule.head.file,
                                  0,
                                  0,
                                  {},
                                  expired_text(rule.head.id, exception.name),
                                  std::string(kExpiredHint)});
      rule.exceptions.erase(rule.exceptions.begin() + static_cast<std::ptrdiff_t>(i));
      rule.head.exceptions.erase(rule.head.exceptions.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  left.rules = Compiler::compile(rules);
  left.checked = std::make_shared<const std::vector<ir::Rule>>(std::move(rules));
  return left;
}

Result<LoadedRules> load_rules(std::span<const std::filesystem::path> paths, std::int64_t now_ns) {
  Result<SourceFiles> found = read_sources(paths);
  if (!found) {
    return tl::make_unexpected(std::move(found.error()));
  }
  LoadedRules loaded = load_rule_sources(std::move(found->sources), now_ns);
  loaded.complete = loaded.complete && std::ranges::none_of(found->diagnostics, [](const Diagnostic& told) {
                      return told.level == Diagnostic::Level::error;
                    });
  loaded.diagnostics.insert(loaded.diagnostics.begin(), std::make_move_iterator(found->diagnostics.begin()),
                            std::make_move_iterator(found->diagnostics.end()));
  return loaded;
}

}  // namespace bongsu
