// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/watch_numbers.h"

#include <string_view>

namespace bongsu {

std::string_view to_string(PodEvent::Type type) {
  switch (type) {
    case PodEvent::Type::added:
      return "added";
    case PodEvent::Type::modified:
      return "modified";
    case PodEvent::Type::deleted:
      return "deleted";
    case PodEvent::Type::bookmark:
      return "bookmark";
    case PodEvent::Type::error:
      return "error";
    case PodEvent::Type::other:
      break;
  }
  return "other";
}

}  // namespace bongsu
