// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_state.h"

namespace bongsu {

void RuleState::judge(const EventView& event, const std::function<void(const Rule&)>& on_fire) {
  rules_->judge(event, [&](const Match& match) { on_fire(rules_->rules()[match.rule]); });
}

}  // namespace bongsu
