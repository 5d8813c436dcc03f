// SPDX-License-Identifier: Apache-2.0
//
// The rules of `bongsu run` over time: when they are to be read anew, and whether what was read may take the place of
// those in force.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/file_watch.h"
#include "events/gates.h"
#include "rules/engine.h"

namespace bongsu {

// What was read may be taken when every file was usable and at least one rule is good. A bad rule disables only itself;
// a file that is no rule file at all would take rules away that nobody meant to give up.
[[nodiscard]] Status may_replace(const LoadedRules& loaded);

// The errors among the diagnostics, safe to print.
[[nodiscard]] std::vector<std::string> printable_errors(const LoadedRules& loaded);

// "FIRST", "FIRST; 3 more errors"; of none nothing.
[[nodiscard]] std::string summary(const std::vector<std::string>& errors);

class RulesKeeper {
 public:
  using Read = std::function<Result<LoadedRules>()>;

  struct Numbers {
    std::size_t rules = 0;
    std::size_t errors = 0;  // found by the last reading, taken or not
    std::size_t expired_exceptions = 0;
    std::uint64_t taken = 0;  // readings after the first one, by outcome
    std::uint64_t refused = 0;
    bool last_taken = true;
    std::int64_t last_read_ns = 0;  // since the Unix epoch
  };

  // Reads for the first time: then what is good is taken, for there is nothing yet that it could take away. `watched`:
  // where `read` reads.
  [[nodiscard]] static Result<RulesKeeper> open(Read read, std::vector<std::filesystem::path> watched,
                                                std::int64_t wall_ns);

  [[nodiscard]] const std::shared_ptr<const Ruleset>& rules() const { return in_force_.rules; }
  [[nodiscard]] const Gates& gates() const { return gates_; }  // of the rules in force
  [[nodiscard]] const Numbers& numbers() const { return numbers_; }
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }  // of the rules in force

  // Reads elsewhere from here on.
  void watch(std::vector<std::filesystem::path> watched) { watch_ = FileWatch(std::move(watched)); }

  // Once a tick: whether files have changed, an exception has expired, or the clock was set back to where one had not.
  [[nodiscard]] bool due(std::int64_t wall_ns);

  // Reads anew. Fails when those in force must stay; else take() or refuse() what was read. Where they must stay but an
  // exception of theirs has expired, what comes back is those without it.
  [[nodiscard]] Result<LoadedRules> read(std::int64_t wall_ns);
  void take(LoadedRules loaded);
  void refuse();

 private:
  RulesKeeper(Read read, std::vector<std::filesystem::path> watched)
      : read_(std::move(read)), watch_(std::move(watched)) {}
  [[nodiscard]] bool has_expired(std::int64_t wall_ns) const;
  [[nodiscard]] bool may_be_back(std::int64_t wall_ns) const;
  void put_in_force(LoadedRules loaded);
  void renew_watch();

  Read read_;
  FileWatch watch_;
  std::string watch_trouble_;  // said
  LoadedRules in_force_;
  Gates gates_;
  std::vector<std::string> errors_;
  Numbers numbers_;
};

}  // namespace bongsu
