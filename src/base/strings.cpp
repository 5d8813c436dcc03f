// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"

namespace bongsu {

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace bongsu
