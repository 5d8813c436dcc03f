// SPDX-License-Identifier: Apache-2.0
#include "events/reference.h"

namespace bongsu {
namespace {

// Text of the table in a paragraph or a cell: what Markdown would take for a sign of its own is escaped.
std::string prose(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '`' || c == '\\' || c == '[') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

template <typename List>
std::string code_list(const List& list) {
  std::string out;
  for (const auto& item : list) {
    out += (out.empty() ? "" : ", ") + code(item.name);
  }
  return out;
}

std::string_view way(Ring ring) {
  switch (ring) {
    case Ring::lifecycle:
      return "the lifecycle ring, which high-volume events cannot fill";
    case Ring::bulk:
      return "the bulk ring, with a limit per cgroup on how many a second";
    case Ring::none:
      return "made by the monitor itself";
  }
  return "";
}

void append_event(std::string& out, const EventInfo& event) {
  out += "#### " + std::string(event.name) + "\n\n";
  out += prose(event.doc) + "\n\n";
  out += "- ECS: category " + code(event.ecs_category) + ", type " + code(event.ecs_type) + "\n";
  out += "- Way: " + std::string(way(event.ring)) + "\n";
  if (const auto own = own_fields(event.type); !own.empty()) {
    out += "- Fields of its own: " + code_list(own) + "\n";
  }
  out += '\n';
  const auto ladder = rungs(event.type);
  if (ladder.empty()) {
    return;
  }
  out += "| rung | hook | cannot see |\n|---|---|---|\n";
  for (const HookInfo& hook : ladder) {
    out += "| " + std::to_string(hook.rung) + " | " + code(hook.attach) + " | " +
           (hook.blind.empty() ? "sees all" : prose(hook.blind)) + " |\n";
  }
  out += '\n';
}

std::string scope_cell(const FieldInfo& field) {
  if (field.scope != Scope::event) {
    return std::string(to_string(field.scope));
  }
  return "event: " + code_list(events_with(field.id));
}

void append_field(std::string& out, const FieldInfo& field) {
  out += "| " + code(field.name) + " | " + std::string(to_string(field.type)) + " | " +
         (field.unit == Unit::none ? std::string() : std::string(to_string(field.unit)) + " ") + "| " +
         scope_cell(field) + " | " + prose(field.doc) + " |\n";
}

}  // namespace

std::string events_markdown() {
  std::string out =
      "# Events and fields\n\n"
      "<!-- Generated from bpf/wire/events.def. Do not edit: change the table and generate again. -->\n\n"
      "A field has one name. It is the path of the value in an event's or alert's JSON, and what a rule's `match` "
      "says:\n"
      "`process.parent.name` stands as `{\"process\":{\"parent\":{\"name\":\"...\"}}}`. A field without a value is "
      "left out.\n\n"
      "- [Events](#events)\n- [Fields](#fields)\n\n"
      "## Events\n\n"
      "The monitor tries the rungs of an event's ladder in order and takes the first that loads and attaches;\n"
      "`bongsu doctor` says which one it is on a host. Nothing is attached that no rule and no trace asks for.\n\n"
      "| family | events |\n|---|---|\n";
  for (const std::string_view family : families()) {
    out += "| " + std::string(family) + " | " + code_list(events_of(family)) + " |\n";
  }
  for (const std::string_view family : families()) {
    out += "\n### " + std::string(family) + "\n\n";
    for (const EventInfo& event : events_of(family)) {
      append_event(out, event);
    }
    out.pop_back();  // one empty line between families
  }
  out +=
      "\n## Fields\n\n"
      "Scope: `every`, each event has the field; `process`, each event that a process made (all but the family "
      "`agent`);\n"
      "`container`, the same, and it has a value only inside a container; `event`, only the events named. Each value "
      "of a\n"
      "`string_map` is a field too, of type string: the map's name, a dot and the value's key, as "
      "`k8s.pod.label.app`.\n\n"
      "| field | type | unit | scope | meaning |\n|---|---|---|---|---|\n";
  for (const FieldInfo& field : fields()) {
    append_field(out, field);
  }
  return out;
}

}  // namespace bongsu
