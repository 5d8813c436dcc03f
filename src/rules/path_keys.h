// SPDX-License-Identifier: Apache-2.0
//
// What the kernel side can look for in a path: whole components, and the extension of the last one. A condition on
// file.path or file.name becomes a few of them, of which every path that it is true of has one.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "rules/ir.h"

namespace bongsu {

// In lower case: what compares them does not tell the cases apart.
struct PathKeys {
  std::set<std::string> components;
  std::set<std::string> extensions;

  [[nodiscard]] std::size_t size() const { return components.size() + extensions.size(); }
  // How many paths have one of them, guessed.
  [[nodiscard]] unsigned cost() const;
  void unite(const PathKeys& other);
  [[nodiscard]] bool covers(const PathKeys& other) const;
};

// Whether every text that passes the test has a component "..".
[[nodiscard]] bool has_to_climb(const ir::FieldTest& test);

// None where a path without any could do. The test's field is a path or a path's last component.
[[nodiscard]] std::optional<PathKeys> path_keys(const ir::FieldTest& test);

}  // namespace bongsu
