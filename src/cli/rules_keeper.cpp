// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_keeper.h"

#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "rules/pushdown.h"

namespace bongsu {
namespace {

std::vector<std::string> printable(const LoadedRules& loaded, Diagnostic::Level level) {
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.level == level) {
      append_printable(lines.emplace_back(), diagnostic.to_string());
    }
  }
  return lines;
}

// Of rules that cannot be used at all.
Error refusal(const LoadedRules& loaded, std::string_view hint) {
  const std::vector<std::string> errors = printable_errors(loaded);
  if (errors.empty()) {
    return {"there is no rule", "name a rule file or directory with --rules PATH"};
  }
  return {summary(errors), std::string(hint)};
}

bool is_empty(const LoadedRules& loaded) { return !loaded.rules || loaded.rules->rules().empty(); }

}  // namespace

std::vector<std::string> printable_errors(const LoadedRules& loaded) {
  return printable(loaded, Diagnostic::Level::error);
}

std::string summary(const std::vector<std::string>& errors) {
  if (errors.empty()) {
    return {};
  }
  const std::size_t more = errors.size() - 1;
  return errors.front() + (more == 0 ? "" : "; " + std::to_string(more) + (more == 1 ? " more error" : " more errors"));
}

Status may_replace(const LoadedRules& loaded) {
  if (is_empty(loaded)) {
    return tl::make_unexpected(refusal(loaded, "no rule is left to run; bongsu rules check shows every error"));
  }
  if (!loaded.complete) {
    return tl::make_unexpected(refusal(loaded, "bongsu rules check shows every error"));
  }
  return {};
}

Result<RulesKeeper> RulesKeeper::open(Read read, std::vector<std::filesystem::path> watched, std::int64_t wall_ns) {
  RulesKeeper keeper(std::move(read), std::move(watched));
  keeper.renew_watch();
  Result<LoadedRules> loaded = keeper.read_();
  if (!loaded) {
    return tl::make_unexpected(std::move(loaded.error()));
  }
  if (is_empty(*loaded)) {
    return tl::make_unexpected(refusal(*loaded, "no rule is left to run; bongsu rules check shows every error"));
  }
  keeper.numbers_.last_read_ns = wall_ns;
  keeper.numbers_.errors = printable_errors(*loaded).size();
  keeper.put_in_force(std::move(*loaded));
  return keeper;
}

bool RulesKeeper::due(std::int64_t wall_ns) {
  const bool changed = watch_.changed();
  return changed || has_expired(wall_ns) || may_be_back(wall_ns);
}

// A clock that was ahead has ended exceptions before their time.
bool RulesKeeper::may_be_back(std::int64_t wall_ns) const {
  return numbers_.expired_exceptions > 0 && wall_ns < numbers_.last_read_ns;
}

bool RulesKeeper::has_expired(std::int64_t wall_ns) const {
  return in_force_.next_expiry_ns != 0 && wall_ns >= in_force_.next_expiry_ns;
}

Result<LoadedRules> RulesKeeper::read(std::int64_t wall_ns) {
  renew_watch();
  numbers_.last_read_ns = wall_ns;
  Result<LoadedRules> loaded = read_();
  numbers_.errors = loaded ? printable_errors(*loaded).size() : 1;
  Status may = loaded ? may_replace(*loaded) : tl::make_unexpected(loaded.error());
  if (may) {
    return loaded;
  }
  if (has_expired(wall_ns)) {  // must not go on because of a file
    return without_expired(in_force_, wall_ns);
  }
  return tl::make_unexpected(std::move(may.error()));
}

void RulesKeeper::take(LoadedRules loaded) {
  ++numbers_.taken;
  put_in_force(std::move(loaded));
}

void RulesKeeper::refuse() {
  ++numbers_.refused;
  numbers_.last_taken = false;
}

void RulesKeeper::put_in_force(LoadedRules loaded) {
  errors_ = printable_errors(loaded);
  numbers_.rules = loaded.rules->rules().size();
  numbers_.expired_exceptions = loaded.expired_exceptions;
  numbers_.last_taken = true;
  for (const std::string& error : errors_) {
    log::error("rule not in force: {}", error);
  }
  for (const std::string& warning : printable(loaded, Diagnostic::Level::warning)) {
    log::warn("{}", warning);
  }
  in_force_ = std::move(loaded);
  gates_ = derive_gates(*in_force_.checked);
  in_force_.diagnostics = {};
  in_force_.tests = {};
  if (in_force_.next_expiry_ns == 0) {
    in_force_.checked = nullptr;  // nobody compiles them again; it is most of what rules take
  }
}

void RulesKeeper::renew_watch() {
  const Status renewed = watch_.renew();
  const std::string trouble = renewed ? "" : renewed.error().to_string();
  if (!trouble.empty() && trouble != watch_trouble_) {
    log::warn("{}", trouble);
  }
  watch_trouble_ = trouble;
}

}  // namespace bongsu
