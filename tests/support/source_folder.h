// SPDX-License-Identifier: Apache-2.0
//
// Where the checkout lies, for tests that read its files. Known to one file only: what is compiled is the same wherever
// the checkout lies, and a compiler's cache knows it again.
#pragma once

#include <filesystem>

namespace bongsu {

[[nodiscard]] std::filesystem::path source_folder();

}  // namespace bongsu
