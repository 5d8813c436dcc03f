// SPDX-License-Identifier: Apache-2.0
//
// What the checker says of macros, exceptions, windows and of rules that change others.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/rules/diagnostics_testing.h"

namespace bongsu {
namespace {

using testing::Broken;
using testing::expect_error;
using testing::in_exec;
using testing::in_rule;

TEST(Diagnostics, OfMacros) {
  const std::string rule =
      R"("rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec", "match": {"all": )";
  for (const Broken& broken : std::vector<Broken>{
           {R"({"macros": {@@"a b": {"process.pid": 1}}})", "/macros/a b", "bad macro name", "letters"},
           {R"({"macros": {"m": @@[]}})", "/macros/m", "a macro is a condition", ""},
           {R"({"macros": {"m": @@{}}})", "/macros/m", "true of every event", ""},
           {R"({"macros": {"m": {@@"process.nmae": "x"}}})", "/macros/m/process.nmae", "unknown field", "process.name"},
           {R"({"macros": {"m": {"any": [@@"$m"]}}})", "/macros/m/any/0", "the macro m holds itself", "take"},
           {R"({"macros": {"container": {"process.pid": 1}}, )" + rule + R"([@@"$contaner"]}}]})",
            "/rules/0/match/all/0", "no macro has the name contaner", "did you mean container?"},
           {R"({"lists": {"m": ["x"]}, )" + rule + R"([@@"$m"]}}]})", "/rules/0/match/all/0",
            "m is a list, not a macro", "a list is a field's value"},
           {R"({"macros": {"m": {"process.exit_code": 1}}, )" + rule + R"([@@"$m"]}}]})", "/rules/0/match/all/0",
            "the macro m cannot be used here: the event exec has no field process.exit_code (rules.json:1:18)", "exit"},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfExceptions) {
  const auto with = [](const std::string& exceptions) { return in_exec("\"exceptions\": " + exceptions); };
  for (const Broken& broken : std::vector<Broken>{
           {with("@@{}"), "/rules/0/exceptions", "exceptions is an array", ""},
           {with(R"([@@{"name": "n", "match": {"process.name": "x"}}])"), "/rules/0/exceptions/0",
            "the exception has no reason", "say why"},
           {with(R"([@@{"name": "n", "reason": "r"}])"), "/rules/0/exceptions/0", "has no match", "enabled"},
           {with(R"([{"name": "n", "reason": "r", "match": @@{}}])"), "/rules/0/exceptions/0/match", "every event", ""},
           {with(R"([{"name": "n", "reason": "r", "match": {@@"process.nam": "x"}}])"),
            "/rules/0/exceptions/0/match/process.nam", "unknown field", "process.name"},
           {with(R"([{"name": "n", "reason": "r", "match": {"process.name": "x"}, "expires": @@"31.3.2027"}])"),
            "/rules/0/exceptions/0/expires", "\"31.3.2027\" is no date", "2027-03-31"},
           {with(R"([{"name": "n", "reason": "r", "match": {"process.name": "x"}, @@"expire": "2027-03-31"}])"),
            "/rules/0/exceptions/0/expire", "unknown key expire", "did you mean expires?"},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfWindows) {
  const auto steps = [](const std::string& array) {
    return in_rule(R"("sequence": {"within": "1m", "steps": )" + array + "}");
  };
  for (const Broken& broken : std::vector<Broken>{
           {in_exec(R"("throttle": @@true)"), "/rules/0/throttle", "throttle is false or an object", "10s"},
           {in_exec(R"("throttle": {"per": @@"0s"})"), "/rules/0/throttle/per", "a window is more than 0", ""},
           {in_exec(R"("throttle": {"per": @@"1 s"})"), "/rules/0/throttle/per", "is no time", "\"90s\""},
           {in_exec(R"("throttle": {"per": @@60})"), "/rules/0/throttle/per", "a time is a string", ""},
           {in_exec(R"("throttle": {"max": @@0})"), "/rules/0/throttle/max", "from 1 to 1000", ""},
           {in_exec(R"("throttle": {"by": [@@"container.ids"]})"), "/rules/0/throttle/by/0", "unknown field",
            "container.id"},
           {in_exec(R"("throttle": {"by": [@@"process.args"]})"), "/rules/0/throttle/by/0", "several values", ""},
           {in_exec(R"("throttle": {@@"every": "1s"})"), "/rules/0/throttle/every", "unknown key every", "by per max"},
           {in_exec(R"("count": @@{"within": "1m"})"), "/rules/0/count", "count has no at_least", "at_least"},
           {in_exec(R"("count": {"within": "1m", "at_least": @@1})"), "/rules/0/count/at_least", "from 2 to", ""},
           {in_exec(R"("count": {"within": @@"2d", "at_least": 2})"), "/rules/0/count/within", "at most 24h", ""},
           {in_exec(R"("count": {"within": "1m", "at_least": 2, "distinct": @@"destination.port"})"),
            "/rules/0/count/distinct", "the event exec has no field destination.port", "connect"},
           {steps(R"(@@[{"event": "exec"}])"), "/rules/0/sequence/steps", "from 2 to 8 steps", ""},
           {steps(R"([{"event": "exec"}, @@{"match": {}}])"), "/rules/0/sequence/steps/1", "the step has no event", ""},
           {steps(R"([{"event": "exec", "match": {"process.name": @@"$1.process.name"}}, {"event": "exit"}])"),
            "/rules/0/sequence/steps/0/match/process.name", "there is no earlier step $1", "this one is step 1"},
           {steps(R"([{"event": "exec"}, {"event": "exit", "match": {"process.pid": @@"$1.process.name"}}])"),
            "/rules/0/sequence/steps/1/match/process.pid", "process.name cannot equal process.pid", ""},
           {steps(R"([{"event": "exec"}, {"event": "exit", "match": {"process.name": @@"$1.process.nam"}}])"),
            "/rules/0/sequence/steps/1/match/process.name", "unknown field", "process.name"},
           {steps(
                R"([{"event": "exec"}, {"event": "exit", "match": {"any": [{"process.name": @@"$1.process.name"}]}}])"),
            "/rules/0/sequence/steps/1/match/any/0/process.name", "not below all, any or not", ""},
           {in_exec(R"("match": {"process.name": @@"$1.process.name"})"), "/rules/0/match/process.name",
            "only in the match of a later step", "write \"$$1.process.name\""},
           {in_rule(
                R"(@@"event": "exec", "sequence": {"within": "1m", "steps": [{"event": "exec"}, {"event": "exit"}]})"),
            "/rules/0/event", "event stands in the steps", ""},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfExtensions) {
  const std::string base = R"({"rules": [{"id": "base", "name": "B", "severity": "low", "event": "exec"}, )";
  for (const Broken& broken : std::vector<Broken>{
           {base + R"({"extends": @@"bose", "enabled": false}]})", "/rules/1/extends", "no rule has the id bose",
            "did you mean base?"},
           {base + R"({"extends": "base", @@"match": {}}]})", "/rules/1/match", "unknown key match", "match_also"},
           {base + R"({"extends": "base", "enabled": @@0}]})", "/rules/1/enabled", "enabled is true or false", ""},
           {base + R"({"extends": "base", "match_also": {@@"process.exit_code": 1}}]})",
            "/rules/1/match_also/process.exit_code", "the event exec has no field", "exit"},
           {R"({"extends_lists": {@@"shells": ["fish"]}})", "/extends_lists/shells", "no list has the name shells", ""},
           {R"({"lists": {"shells": ["sh"]}, "extends_lists": {"shells": @@"fish"}})", "/extends_lists/shells",
            "a list is an array", ""},
       }) {
    expect_error(broken);
  }
}

}  // namespace
}  // namespace bongsu
