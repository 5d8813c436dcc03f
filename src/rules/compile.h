// SPDX-License-Identifier: Apache-2.0
//
// Checked rules to the program. Nothing can fail here: the checker has said all there is to say.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "rules/compile_index.h"
#include "rules/engine.h"
#include "rules/ir.h"
#include "rules/program.h"

namespace bongsu {

class Compiler {
 public:
  // Takes the enabled rules, in their order.
  [[nodiscard]] static std::shared_ptr<const Ruleset> compile(std::span<const ir::Rule> rules);

 private:
  struct StepHash {
    std::size_t operator()(const Step& step) const;
  };

  explicit Compiler(Ruleset::Program& program) : program_(program), index_(program.atoms) {}
  void add(const ir::Rule& rule, std::uint32_t index);
  void finish();
  // For events of one type. A condition that the type decides leaves no steps.
  std::uint32_t emit(const ir::Condition& condition, EventType type, std::uint32_t on_true, std::uint32_t on_false);
  std::uint32_t emit_any(std::span<const ir::Condition> conditions, EventType type, std::uint32_t on_true,
                         std::uint32_t on_false);
  std::uint32_t emit_test(const ir::FieldTest& test, EventType type, std::uint32_t on_true, std::uint32_t on_false);

  Ruleset::Program& program_;
  IndexBuilder index_;
  std::unordered_map<Step, std::uint32_t, StepHash> known_steps_;
};

}  // namespace bongsu
