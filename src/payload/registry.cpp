// SPDX-License-Identifier: Apache-2.0
#include "payload/registry.h"

#include <algorithm>
#include <string>

namespace bongsu {

// One line PAYLOAD(name) for each file *_format.cpp, written by the build.
#define PAYLOAD(name) PayloadKind payload_kind_##name();
#include "payload/payload_kinds.def"
#undef PAYLOAD

const std::vector<PayloadKind>& payload_kinds() {
  static const std::vector<PayloadKind> kKinds = {
#define PAYLOAD(name) payload_kind_##name(),
#include "payload/payload_kinds.def"
#undef PAYLOAD
  };
  return kKinds;
}

Result<std::unique_ptr<PayloadFormat>> make_payload_format(std::string_view name, const PayloadOptions& options) {
  const auto found = std::ranges::find(payload_kinds(), name, &PayloadKind::name);
  return found == payload_kinds().end() ? fail("there is no payload format " + std::string(name))
                                        : found->make(options);
}

}  // namespace bongsu
