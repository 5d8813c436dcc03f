// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "rules/operator.h"

namespace bongsu {

// One line FAMILY(name) for each file in operators/, written by the build.
#define FAMILY(name) std::span<const Operator> operators_##name();
#include "rules/operator_families.def"
#undef FAMILY

std::span<const Operator> operators() {
  static const std::vector<Operator> kAll = [] {
    std::vector<Operator> table;
#define FAMILY(name) std::ranges::copy(operators_##name(), std::back_inserter(table));
#include "rules/operator_families.def"
#undef FAMILY
    std::ranges::sort(table, {}, &Operator::name);
    return table;
  }();
  return kAll;
}

const Operator* find_operator(std::string_view name) {
  const std::span<const Operator> all = operators();
  const auto found = std::ranges::lower_bound(all, name, {}, &Operator::name);
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::string_view suggest_operator(std::string_view name) {
  // What other languages call them.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kAliases{{{"startswith", "prefix"},
                                                                                           {"starts_with", "prefix"},
                                                                                           {"endswith", "suffix"},
                                                                                           {"ends_with", "suffix"},
                                                                                           {"equals", "eq"},
                                                                                           {"is", "eq"},
                                                                                           {"=", "eq"},
                                                                                           {"==", "eq"},
                                                                                           {"!=", "ne"},
                                                                                           {"neq", "ne"},
                                                                                           {"<", "lt"},
                                                                                           {"<=", "lte"},
                                                                                           {"le", "lte"},
                                                                                           {">", "gt"},
                                                                                           {">=", "gte"},
                                                                                           {"ge", "gte"},
                                                                                           {"icontains", "contains"},
                                                                                           {"matches", "regex"},
                                                                                           {"re", "regex"},
                                                                                           {"wildcard", "glob"},
                                                                                           {"like", "glob"},
                                                                                           {"one_of", "in"}}};
  for (const auto& [alias, op] : kAliases) {
    if (alias == name) {
      return op;
    }
  }
  std::vector<std::string_view> names{"every", "ignore_case"};
  for (const Operator& op : operators()) {
    names.push_back(op.name);
  }
  return nearest(name, names);
}

}  // namespace bongsu
