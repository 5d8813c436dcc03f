// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

namespace bongsu {

std::string_view version() { return BONGSU_VERSION; }

}  // namespace bongsu
