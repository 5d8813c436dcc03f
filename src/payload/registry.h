// SPDX-License-Identifier: Apache-2.0
//
// The forms of bodies. Each file NAME_format.cpp here defines one:
//
//   PayloadKind payload_kind_NAME() { return {"NAME", make}; }
//
// The build lists the files; the registry and the configuration's choices follow from that list.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "payload/format.h"

namespace bongsu {

struct PayloadKind {
  std::string_view name;
  // Fails when the options cannot be used.
  Result<std::unique_ptr<PayloadFormat>> (*make)(const PayloadOptions& options);
};

[[nodiscard]] const std::vector<PayloadKind>& payload_kinds();  // by name

// Fails for a name that is none of theirs, too.
[[nodiscard]] Result<std::unique_ptr<PayloadFormat>> make_payload_format(std::string_view name,
                                                                         const PayloadOptions& options);

}  // namespace bongsu
