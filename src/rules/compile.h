// SPDX-License-Identifier: Apache-2.0
//
// Checked rules to the flat program. Nothing can fail here: the checker has said all there is to say.
#pragma once

#include <memory>
#include <span>

#include "rules/engine.h"
#include "rules/ir.h"
#include "rules/program.h"

namespace bongsu {

class Compiler {
 public:
  // Takes the enabled rules, in their order.
  [[nodiscard]] static std::shared_ptr<const Ruleset> compile(std::span<const ir::Rule> rules);

 private:
  explicit Compiler(Ruleset::Program& program) : program_(program) {}
  std::uint32_t emit(const ir::Condition& condition, std::uint32_t on_true, std::uint32_t on_false);
  std::uint32_t emit_test(const ir::FieldTest& test, std::uint32_t on_true, std::uint32_t on_false);

  Ruleset::Program& program_;
};

}  // namespace bongsu
