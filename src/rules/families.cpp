// SPDX-License-Identifier: Apache-2.0
#include "rules/families.h"

#include <algorithm>
#include <array>

#include "rules/operator.h"

namespace bongsu {
namespace {

using enum EventType;

// A shared writable mapping is not among them: its descriptor was opened for writing before, and that is told. io_uring
// does not tell how it opened, so each of its opens counts as both.
constexpr std::array kModify{open, truncate, rename, link, symlink, chmod, chown, setxattr, mknod, io_uring};
constexpr std::string_view kModifyCondition = R"({"any": [
  {"event.action": ["truncate", "rename", "link", "symlink", "chmod", "chown", "setxattr", "mknod"]},
  {"event.action": "open", "file.open_flags": ["write", "created", "truncate"]},
  {"event.action": "io_uring", "io_uring.operation":
    ["OPENAT", "OPENAT2", "RENAMEAT", "SYMLINKAT", "LINKAT", "SETXATTR", "FSETXATTR", "FTRUNCATE"]}
]})";

constexpr std::array kRead{open, io_uring};
constexpr std::string_view kReadCondition = R"({"any": [
  {"event.action": "open", "file.open_flags": "read"},
  {"event.action": "io_uring", "io_uring.operation": ["OPENAT", "OPENAT2"]}
]})";

constexpr std::array<Family, 2> kFamilies{
    {{"file.modify",
      "every way to change a file: opened for writing, created, truncated, renamed, linked, its mode, "
      "owner or attributes changed",
      kModify, kModifyCondition},
     {"file.read", "a file opened for reading", kRead, kReadCondition}}};

// The events that name two paths, the second as file.target_path. A symlink's is its content, no file of its own.
constexpr std::array kTwoPaths{rename, link, io_uring};

}  // namespace

std::span<const Family> partial_families() { return kFamilies; }

const Family* find_family(std::string_view name) {
  const auto* const found = std::ranges::find(kFamilies, name, &Family::name);
  return found == kFamilies.end() ? nullptr : found;
}

ir::Condition action_in(std::span<const EventType> events) {
  Operand operand;
  for (const EventType event : events) {
    operand.values.emplace_back(std::string(info(event).name));
  }
  const Operator* const in = find_operator("in");
  ir::Condition result{ir::Condition::Kind::field, {}, {FieldId::event_action, ir::Quantifier::any, {}}, {}};
  result.test.tests.push_back({in, operand, *in->build(operand)});
  return result;
}

bool names_two_paths(EventType event) { return std::ranges::find(kTwoPaths, event) != kTwoPaths.end(); }

void assemble(ir::Step& step) {
  using Kind = ir::Condition::Kind;
  ir::Condition target{Kind::all, {action_in(kTwoPaths), step.of_target}, {}, step.of_path.place};
  ir::Condition either{Kind::any, {step.of_path, std::move(target)}, {}, step.of_path.place};
  const bool one = step.of_target.kind == Kind::any && step.of_target.children.empty();
  step.match = {Kind::all, {step.guard, one ? step.of_path : std::move(either)}, {}, step.of_path.place};
}

ir::Condition excepted(const ir::Step& step, ir::Condition path, ir::Condition target) {
  using Kind = ir::Condition::Kind;
  const ir::Place place = path.place;
  const auto not_excepted = [&](ir::Condition exception) {
    return ir::Condition{Kind::none, {std::move(exception)}, {}, place};
  };
  const bool one = step.of_target.kind == Kind::any && step.of_target.children.empty();
  ir::Condition first{Kind::all, {step.of_path, not_excepted(std::move(path))}, {}, place};
  ir::Condition second{Kind::all,
                       {action_in(kTwoPaths), one ? step.of_path : step.of_target, not_excepted(std::move(target))},
                       {},
                       place};
  return {Kind::none, {std::move(first), std::move(second)}, {}, place};
}

}  // namespace bongsu
