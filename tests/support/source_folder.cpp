// SPDX-License-Identifier: Apache-2.0
#include "support/source_folder.h"

namespace bongsu {

std::filesystem::path source_folder() { return BONGSU_SOURCE_DIR; }

}  // namespace bongsu
