// SPDX-License-Identifier: Apache-2.0
//
// Rules, loaded and compiled once, then asked about each event. A Ruleset is immutable and may be shared between
// threads; judge() does not allocate, lock, log or throw. One exception to the first two lies inside RE2: a regex
// builds its automaton as it sees new text, within its memory bound, behind a reader-writer lock. Another: of calls at
// the same time, all but one take their scratch memory from the heap.
#pragma once

#include <bitset>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/event_view.h"
#include "rules/inline_test.h"
#include "rules/rule.h"

namespace bongsu {

// One finding of the checker: `rules/x.json:12:7: /rules/0/match/process.nmae: unknown field: did you mean
// process.name?`
struct Diagnostic {
  enum class Level : std::uint8_t { error, warning };
  Level level = Level::error;
  std::string file;
  std::size_t line = 0;    // from 1; 0 when the file as a whole is meant
  std::size_t column = 0;  // from 1, in bytes
  std::string pointer;     // JSON pointer of the offending value; empty for the root
  std::string message;
  std::string hint;  // "did you mean ...?", or what to do; may be empty

  [[nodiscard]] std::string to_string() const;
};

// An event meets a rule's match, or that of one step of its sequence. Whether an alert follows is for the rule's count,
// sequence and throttle to say (RuleState).
struct Match {
  std::uint32_t rule = 0;  // index into Ruleset::rules()
  std::uint32_t step = 0;  // from 0; of a rule that is no sequence 0
};

class Ruleset {
 public:
  ~Ruleset();
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;

  [[nodiscard]] std::span<const Rule> rules() const;
  // The event types that at least one rule is about: nothing else need be attached.
  [[nodiscard]] const std::bitset<kEventCount>& wanted() const;

  // Calls on_match for every rule, and every step of a sequence, that the event meets and no exception silences; in the
  // order of rules(), then of steps.
  void judge(const EventView& event, const std::function<void(const Match&)>& on_match) const;

 private:
  friend class Compiler;
  struct Program;
  explicit Ruleset(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

namespace ir {
struct Rule;
}

struct LoadedRules {
  std::shared_ptr<const Ruleset> rules;  // the good ones; null only when no file could be used
  // The good ones as the checker understood them, those that are switched off too: for what explains rules
  // (rules/explain.h). Null when `rules` is.
  std::shared_ptr<const std::vector<ir::Rule>> checked;
  std::vector<Diagnostic> diagnostics;  // in file, then position order
  std::vector<InlineTest> tests;        // of the good rules, for run_inline_tests()
  std::size_t files = 0;                // files read
  bool complete = true;                 // false: a whole file was left out
  std::size_t expired_exceptions = 0;   // told as warnings; they no longer apply
  std::int64_t next_expiry_ns = 0;      // since the Unix epoch: when the next exception expires; 0: none does
  [[nodiscard]] bool has_errors() const;
};

// One rule file: its name as diagnostics tell it, and its text.
struct RuleSource {
  std::string file;
  std::string text;
};

// Reads files and directories (recursively, *.json but *.schema.json, in name order; names that begin with a dot are
// passed over: a mounted ConfigMap keeps its copies there). One bad rule disables only itself; a file that is not JSON
// is left out whole. The Result fails only for a path that is missing or cannot be read. `now_ns` is the time since the
// Unix epoch, by which exceptions may have expired.
[[nodiscard]] Result<LoadedRules> load_rules(std::span<const std::filesystem::path> paths, std::int64_t now_ns);

// The same for texts that were read already.
[[nodiscard]] LoadedRules load_rule_sources(std::vector<RuleSource> sources, std::int64_t now_ns);

// The same rules when time has gone on: without the exceptions that have expired by `now_ns`, which its diagnostics
// name.
[[nodiscard]] LoadedRules without_expired(const LoadedRules& loaded, std::int64_t now_ns);

}  // namespace bongsu
