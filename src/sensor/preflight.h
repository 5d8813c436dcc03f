// SPDX-License-Identifier: Apache-2.0
//
// What the kernel side needs before anything is loaded, each with the one line that says what to do: for the errors of
// `run` and `trace`, and for `doctor`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace bongsu {

struct PreflightCheck {
  std::string name;   // "kernel", "BTF", "privilege"
  std::string found;  // what there is
  Status status;
};

[[nodiscard]] std::vector<PreflightCheck> preflight(const std::filesystem::path& proc,
                                                    const std::filesystem::path& sys);

}  // namespace bongsu
