// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "events/reference.h"

namespace bongsu {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNameColumn = 2;

// Goes on at `column`: on this line where it still can, else on a new one.
void go_to(std::string& out, std::size_t column) {
  const std::size_t newline = out.rfind('\n');
  std::size_t used = out.size() - (newline == std::string::npos ? 0 : newline + 1);
  if (used != 0 && used >= column) {
    out += '\n';
    used = 0;
  }
  out.append(column - used, ' ');
}

// Writes words from `column` to the right edge, as many lines as it takes, the last one ended.
void append_wrapped(std::string& out, std::size_t column, std::string_view text) {
  go_to(out, column);
  std::size_t used = column;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (used != column && used + 1 + word.size() > kColumns) {
      out += '\n';
      out.append(column, ' ');
      used = column;
    }
    if (used != column) {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  out += '\n';
}

void append_event(std::string& out, const EventInfo& event, std::size_t column) {
  go_to(out, kNameColumn);
  out += event.name;
  append_wrapped(out, column, event.doc);
  std::string own;
  for (const FieldInfo& field : own_fields(event.type)) {
    own += ' ';
    own += field.name;
  }
  if (!own.empty()) {
    append_wrapped(out, column, "fields:" + own);
  }
  for (const HookInfo& hook : rungs(event.type)) {
    std::string line = "rung " + std::to_string(hook.rung) + ": " + std::string(hook.attach);
    if (!hook.blind.empty()) {
      line += "; cannot see: " + std::string(hook.blind);
    }
    append_wrapped(out, column, line);
  }
}

void append_field(std::string& out, const FieldInfo& field, std::size_t type_column, std::size_t doc_column) {
  go_to(out, kNameColumn);
  out += field.name;
  go_to(out, type_column);
  out += to_string(field.type);
  std::string doc(field.doc);
  if (field.unit != Unit::none) {
    doc += " In " + std::string(to_string(field.unit)) + ".";
  }
  if (field.scope == Scope::event) {
    doc += " Only of:";
    for (const EventInfo& event : events_with(field.id)) {
      doc += ' ';
      doc += event.name;
    }
    doc += '.';
  }
  append_wrapped(out, doc_column, doc);
}

std::string_view heading(Scope scope) {
  switch (scope) {
    case Scope::every:
      return "of every event";
    case Scope::process:
      return "of every event that a process made";
    case Scope::container:
      return "of the same events, inside a container";
    case Scope::event:
      return "of single events";
  }
  return "";
}

}  // namespace

std::string events_text() {
  std::size_t event_width = 0;
  for (const EventInfo& event : events()) {
    event_width = std::max(event_width, event.name.size());
  }
  constexpr std::size_t kFieldWidth = 38;  // a longer name has its line for itself
  constexpr std::size_t kTypeColumn = kNameColumn + kFieldWidth + 1;
  constexpr std::size_t kDocColumn = kTypeColumn + std::string_view("string_list").size() + 2;

  std::string out;
  for (const std::string_view family : families()) {
    out += "EVENTS: " + std::string(family) + "\n";
    for (const EventInfo& event : events_of(family)) {
      append_event(out, event, kNameColumn + event_width + 2);
    }
    out += '\n';
  }
  for (const Scope scope : {Scope::every, Scope::process, Scope::container, Scope::event}) {
    out += "FIELDS " + std::string(heading(scope)) + "\n";
    for (const FieldInfo& field : fields()) {
      if (field.scope == scope) {
        append_field(out, field, kTypeColumn, kDocColumn);
      }
    }
    out += scope == Scope::event ? "" : "\n";
  }
  return out;
}

}  // namespace bongsu
