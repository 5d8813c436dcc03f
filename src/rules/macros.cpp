// SPDX-License-Identifier: Apache-2.0
#include "rules/macros.h"

#include <vector>

namespace bongsu {

void Macros::add(const Cursor& macros, Report& report) {
  if (!report.expect(macros, JsonNode::Kind::object, "macros is an object of conditions")) {
    return;
  }
  for (const JsonNode::Member& member : macros.node().members) {
    const Cursor at = macros.member(member);
    if (!is_reference_name(member.key)) {
      report.key_error(at, "bad macro name", "use letters, digits, - and _");
      continue;
    }
    if (!report.expect(at, JsonNode::Kind::object, "a macro is a condition")) {
      continue;
    }
    if (member.value.members.empty()) {
      report.error(at, "an empty condition is true of every event", "name a field, or take it out");
      continue;
    }
    const auto [found, added] = macros_.try_emplace(member.key, Macro{&member.value, &report});
    if (!added) {
      report.key_error(at, "the macro " + member.key + " is there already, at " +
                               found->second.report->where(found->second.body->offset));
    }
  }
}

Result<Macros::Macro> Macros::find(std::string_view reference) const {
  const auto found = macros_.find(reference.substr(1));
  if (found != macros_.end()) {
    return found->second;
  }
  std::vector<std::string_view> names;
  names.reserve(macros_.size());
  for (const auto& [name, macro] : macros_) {
    names.push_back(name);
  }
  std::string hint = did_you_mean(reference.substr(1), names);
  if (hint.empty()) {
    hint = "conditions get a name under \"macros\"";
  }
  return fail("no macro has the name " + std::string(reference.substr(1)), std::move(hint));
}

}  // namespace bongsu
