// SPDX-License-Identifier: Apache-2.0
#include "rules/selection.h"

#include <re2/re2.h>

#include <algorithm>

#include "rules/glob_literals.h"
#include "rules/network_table.h"
#include "rules/text_case.h"

namespace bongsu {
namespace {

// Shares of events, guessed.
constexpr float kHalf = 0.5F;
constexpr float kSome = 0.1F;
constexpr float kFew = 0.01F;
constexpr float kRare = 0.001F;

// Fields that hold one of a handful of texts.
bool has_few_values(FieldId field) {
  switch (field) {
    case FieldId::event_action:
    case FieldId::event_category:
    case FieldId::event_type:
    case FieldId::event_outcome:
    case FieldId::container_runtime:
    case FieldId::host_name:
    case FieldId::process_capabilities_effective:
    case FieldId::process_namespaces:
      return true;
    default:
      return std::ranges::any_of(wire_members(), [field](const WireMember& member) {
        return member.field == field && (member.kind == WireKind::enumeration || member.kind == WireKind::flags);
      });
  }
}

// Of a literal by its length: /tmp/ is common, /var/run/docker.sock is not.
float share_of(std::size_t bytes) { return bytes < 2 ? 1 : bytes < 5 ? kHalf : bytes < 8 ? kSome : kFew; }

float shortest(const std::vector<GlobLiterals>& ways, std::string GlobLiterals::* which) {
  float share = 0;
  for (const GlobLiterals& way : ways) {
    share = std::max(share, share_of((way.*which).size()));
  }
  return share;
}

std::vector<GlobLiterals> all_literals(const Operand& operand) {
  std::vector<GlobLiterals> ways;
  for (const Literal& value : operand.values) {
    std::ranges::move(glob_literals(std::get<std::string>(value)), std::back_inserter(ways));
  }
  return ways;
}

Filing glob_filing(const ir::Test& test) {
  const std::vector<GlobLiterals> ways = all_literals(test.operand);
  const float prefix = shortest(ways, &GlobLiterals::prefix);
  const float suffix = shortest(ways, &GlobLiterals::suffix);
  const float inner = shortest(ways, &GlobLiterals::longest);
  if (prefix < 1 && prefix <= suffix) {
    return {Method::prefix, prefix, &test};
  }
  if (suffix < 1) {
    return {Method::suffix, suffix, &test};
  }
  return inner < 1 ? Filing{Method::search, std::max(inner, kSome), &test} : Filing{Method::judge, kHalf, nullptr};
}

Filing network_filing(const ir::Test& test) {
  constexpr int kWide = 96 + 8;  // 10.0.0.0/8
  for (const Literal& value : test.operand.values) {
    const std::optional<Network> network = parse_network(std::get<std::string>(value));
    if (!network) {
      return {Method::judge, kHalf, nullptr};
    }
    if (network->bits <= kWide) {
      return {Method::network, kHalf, &test};
    }
  }
  return {Method::network, kSome, &test};
}

Filing text_end_filing(const ir::Test& test, Method method) {
  float share = kRare;
  for (const Literal& value : test.operand.values) {
    share = std::max(share, share_of(std::get<std::string>(value).size()));
  }
  // Also a single byte narrows; only a glob's may be nothing at all.
  return {method, std::min(share, 0.9F), &test};
}

Filing filing_of(const ir::Test& test, FieldId field) {
  const std::string_view op = test.op->name;
  if (op == "eq" || op == "in") {
    const auto values = static_cast<float>(std::min<std::size_t>(test.operand.values.size(), 50));
    if (std::holds_alternative<std::string>(test.operand.values.front())) {
      return {Method::text, has_few_values(field) ? kHalf : kRare * values, &test};
    }
    if (info(field).type == FieldType::boolean) {
      return {Method::judge, kHalf, nullptr};
    }
    return {Method::number, std::min(kSome * values, 0.9F), &test};  // uids and the like: few are in use
  }
  if (op == "prefix" || op == "suffix") {
    return text_end_filing(test, op == "prefix" ? Method::prefix : Method::suffix);
  }
  if (op == "glob") {
    return glob_filing(test);
  }
  if (op == "cidr") {
    return network_filing(test);
  }
  if (op == "contains" || op == "regex") {
    return {Method::search, 2 * kFew, &test};
  }
  return {Method::judge, test.op->negates ? 1 : kHalf, nullptr};
}

}  // namespace

std::vector<std::string> patterns(const Filing& filing) {
  const ir::Test& test = *filing.test;
  std::vector<std::string> result;
  if (test.op->name == "glob") {
    const auto which = filing.method == Method::prefix   ? &GlobLiterals::prefix
                       : filing.method == Method::suffix ? &GlobLiterals::suffix
                                                         : &GlobLiterals::longest;
    for (GlobLiterals& way : all_literals(test.operand)) {
      result.push_back(std::move(way.*which));
    }
  } else {
    for (const Literal& value : test.operand.values) {
      result.push_back(std::get<std::string>(value));
    }
  }
  for (std::string& pattern : result) {
    if (filing.method != Method::search) {
      pattern = test.operand.ignore_case ? folded(pattern) : pattern;
    } else if (test.op->name != "regex") {
      pattern = RE2::QuoteMeta(pattern);
    }
  }
  return result;
}

std::optional<bool> constant(const ir::FieldTest& test, EventType type) {
  if (test.field == FieldId::event_action) {
    const Value action = Value::of(info(type).name);
    return std::ranges::all_of(test.tests, [&](const ir::Test& each) { return each.predicate->test(action); });
  }
  if (!has_field(type, test.field)) {
    return ir::without_value(test);
  }
  return std::nullopt;
}

const Filing& Selector::filing(AtomId atom) {
  filings_.resize(std::max<std::size_t>(filings_.size(), atom + 1));
  std::optional<Filing>& known = filings_[atom];
  if (!known) {
    const ir::FieldTest& test = atoms_.test(atom);
    Filing best;
    for (const ir::Test& each : test.tests) {
      const Filing candidate = filing_of(each, test.field);
      best = candidate.share < best.share ? candidate : best;
    }
    known = best;
  }
  return *known;
}

Selector::Choice Selector::choose(const ir::FieldTest& test, EventType type, bool negated) {
  if (const std::optional<bool> verdict = constant(test, type)) {
    return {*verdict != negated ? 1.0F : 0.0F, {}};
  }
  if (negated) {
    return {};
  }
  const AtomId atom = atoms_.intern(test);
  const float share = filing(atom).share;
  return share < 1 ? Choice{share, {atom}} : Choice{};
}

Selector::Choice Selector::choose(const ir::Condition& condition, EventType type, bool negated) {
  using Kind = ir::Condition::Kind;
  if (condition.kind == Kind::field) {
    return choose(condition.test, type, negated);
  }
  const bool every_child = (condition.kind == Kind::any) == negated;
  const bool negated_children = (condition.kind == Kind::none) != negated;
  Choice result;
  result.share = every_child ? 1.0F : 0.0F;
  for (const ir::Condition& child : condition.children) {
    Choice choice = choose(child, type, negated_children);
    if (!every_child) {
      result.share += choice.share;
      result.atoms.insert(result.atoms.end(), choice.atoms.begin(), choice.atoms.end());
    } else if (choice.share < result.share) {
      result = std::move(choice);
    }
  }
  return result.narrows() ? result : Choice{};
}

}  // namespace bongsu
