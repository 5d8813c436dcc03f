// SPDX-License-Identifier: Apache-2.0
#include "payload/alert_fields.h"

#include <algorithm>
#include <string>
#include <vector>

#include "alert/members.h"
#include "base/strings.h"
#include "events/catalogue.h"
#include "events/keyed_field.h"

namespace bongsu {
namespace {

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names;
  for (const AlertMember& member : alert_members()) {
    names.push_back(member.name);
  }
  return names;
}

bool is_name_or_object(std::string_view name) {
  const std::vector<std::string_view> names = all_names();
  return !name.empty() && std::ranges::any_of(names, [name](std::string_view known) {
    return known == name || (known.starts_with(name) && known[name.size()] == '.');
  });
}

}  // namespace

Status check_alert_field(std::string_view name) {
  if (is_name_or_object(name)) {
    return {};
  }
  if (const std::optional<MapKey> wanted = split_map_key(name)) {
    return is_field_key(wanted->key)
               ? Status()
               : fail("unknown field \"" + std::string(name) + "\"",
                      "a key has letters, digits and . / - _, as in " + std::string(info(wanted->map).name) + ".app");
  }
  const std::string_view near = nearest(name, all_names());
  return fail("unknown field \"" + std::string(name) + "\"",
              near.empty() ? "bongsu events lists the fields" : "did you mean " + std::string(near) + "?");
}

}  // namespace bongsu
