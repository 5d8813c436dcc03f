// SPDX-License-Identifier: Apache-2.0
#include "cli/trace_selection.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/strings.h"
#include "events/reference.h"

namespace bongsu {

void TraceSelection::only(const std::vector<std::uint32_t>& pids, bool descendants) {
  by_pid_ = true;
  descendants_ = descendants;
  pids_.insert(pids.begin(), pids.end());
}

bool TraceSelection::follow(const EventView& event) {
  return descendants_ && event.type() == EventType::fork &&
         pids_.contains(event.value(FieldId::process_parent_pid).integer()) &&
         pids_.insert(event.value(FieldId::process_pid).integer()).second;
}

void TraceSelection::forget(const EventView& event) {
  if (descendants_ && event.type() == EventType::exit) {
    pids_.erase(event.value(FieldId::process_pid).integer());
  }
}

bool TraceSelection::in_place(const EventView& event) const {
  if (container.empty() && where == Namespace::all) {
    return true;
  }
  const Value id = event.value(FieldId::container_id);
  if (where != Namespace::all && id.has_value() != (where == Namespace::containers)) {
    return false;
  }
  return container.empty() || (id.has_value() && (container == "any" || id.string().starts_with(container)));
}

bool TraceSelection::takes(const EventView& event) const {
  if (!events[static_cast<std::size_t>(event.type())]) {
    return false;
  }
  if (by_pid_ && !pids_.contains(event.value(FieldId::process_pid).integer())) {
    return false;
  }
  if (!comm.empty() && event.value(FieldId::process_thread_name).string() != comm) {
    return false;
  }
  if (uid && event.value(FieldId::process_user_id).integer() != *uid) {
    return false;
  }
  return in_place(event) &&
         (event.type() != EventType::exit || event.value(FieldId::event_duration).integer() >= min_duration_ns);
}

Result<std::bitset<kEventCount>> parse_events(std::string_view text) {
  std::bitset<kEventCount> wanted;
  std::vector<std::string_view> names = families();
  std::erase(names, "agent");
  for (const EventInfo& event : events()) {
    if (event.type != EventType::none && event.ring != Ring::none) {
      names.push_back(event.name);
    }
  }
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string_view near = nearest(name, names);
      return fail("unknown event " + std::string(name.empty() ? "\"\"" : name),
                  near.empty() ? "bongsu events lists them" : "did you mean " + std::string(near) + "?");
    }
    for (const EventInfo& event : events()) {
      if (event.name == name || event.family == name) {
        wanted.set(static_cast<std::size_t>(event.type));
      }
    }
    if (comma == std::string_view::npos) {
      return wanted;
    }
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::uint32_t> descendants_of(const std::string& proc_root, std::uint32_t pid) {
  std::multimap<std::uint32_t, std::uint32_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc_root, error)) {
    const std::string name = entry.path().filename();
    std::uint32_t child = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), child).ec != std::errc{}) {
      continue;
    }
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    const std::size_t end = stat.rfind(") ");  // of the comm, which may hold anything
    constexpr std::size_t kToParent = 4;       // ") S " of proc(5)
    if (end == std::string::npos || end + kToParent >= stat.size()) {
      continue;
    }
    std::uint32_t parent = 0;
    const char* from = stat.data() + end + kToParent;
    if (std::from_chars(from, stat.data() + stat.size(), parent).ec == std::errc{}) {
      children.emplace(parent, child);
    }
  }
  std::vector<std::uint32_t> all{pid};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [begin, end] = children.equal_range(all[i]);
    std::for_each(begin, end, [&](const auto& pair) { all.push_back(pair.second); });
  }
  return all;
}

}  // namespace bongsu
