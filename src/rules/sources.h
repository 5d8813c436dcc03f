// SPDX-License-Identifier: Apache-2.0
//
// Finds and reads rule files.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "rules/engine.h"

namespace bongsu {

struct SourceFiles {
  std::vector<RuleSource> sources;
  std::vector<Diagnostic> diagnostics;  // files that cannot be used, folders without any
};

[[nodiscard]] Result<SourceFiles> read_sources(std::span<const std::filesystem::path> paths);

}  // namespace bongsu
