// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog_message.h"

#include <initializer_list>

#include "alert/text.h"
#include "base/json_document.h"
#include "base/strings.h"

namespace bongsu {
namespace {

// RFC 5424, 6.
constexpr std::size_t kMostHostBytes = 255;
constexpr std::size_t kMostMessageIdBytes = 32;
// Ours: names of Kubernetes have 253 at most.
constexpr std::size_t kMostValueBytes = 256;
// RFC 5424, 6.2.3.1: no more than microseconds, of the nine digits that a time stamp of ours has.
constexpr std::size_t kMicrosecondDigits = 6;

// RFC 5424, 6.2.1, table 2.
int syslog_severity(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return 2;
    case Severity::high:
      return 3;
    case Severity::medium:
      return 4;
    case Severity::low:
      return 5;
    case Severity::info:
      break;
  }
  return 6;
}

// A word of the header: printable ASCII without spaces; "-" for none.
void append_word(std::string& out, std::string_view text, std::size_t most_bytes) {
  out += ' ';
  if (text.empty()) {
    out += '-';
  }
  for (const char c : text.substr(0, most_bytes)) {
    out += c > ' ' && c < '\x7f' ? c : '?';
  }
}

void append_time(std::string& out, std::int64_t unix_ns) {
  out += ' ';
  if (unix_ns == 0) {
    out += '-';
    return;
  }
  append_timestamp(out, unix_ns);
  const std::size_t point = out.rfind('.');
  if (point != std::string::npos && out.size() - point > kMicrosecondDigits + 2) {
    out.erase(point + 1 + kMicrosecondDigits);
    out += 'Z';
  }
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) {
    return;
  }
  std::string printable;
  append_printable(printable, value);
  out += ' ';
  out += name;
  out += "=\"";
  for (const char c : clipped(printable, kMostValueBytes)) {
    if (c == '"' || c == '\\' || c == ']') {
      out += '\\';
    }
    out += c;
  }
  out += '"';
}

// The text at a path of members; empty where there is none.
std::string_view text_at(const JsonNode& root, std::initializer_list<std::string_view> path) {
  const JsonNode* node = &root;
  for (const std::string_view member : path) {
    node = node->find(member);
    if (node == nullptr) {
      return {};
    }
  }
  return node->kind == JsonNode::Kind::string ? std::string_view(node->string) : std::string_view();
}

}  // namespace

SyslogMessage syslog_message(const Alert& alert, std::uint8_t facility, std::string_view process_id) {
  const auto document = JsonDocument::parse(alert.json);
  const JsonNode nothing;
  const JsonNode& root = document ? document->root() : nothing;

  SyslogMessage message;
  std::string& head = message.head;
  head += '<';
  head += std::to_string(facility * 8 + syslog_severity(alert.severity));
  head += ">1";
  append_time(head, alert.time_ns);
  append_word(head, text_at(root, {"host", "name"}), kMostHostBytes);
  head += " bongsu";
  append_word(head, process_id, process_id.size());
  append_word(head, alert.rule_id, kMostMessageIdBytes);
  head += " [bongsu@32473";
  append_parameter(head, "eventId", alert.id);
  append_parameter(head, "ruleId", alert.rule_id);
  append_parameter(head, "severity", to_string(alert.severity));
  append_parameter(head, "namespace", text_at(root, {"k8s", "namespace", "name"}));
  append_parameter(head, "pod", text_at(root, {"k8s", "pod", "name"}));
  append_parameter(head, "container", text_at(root, {"container", "name"}));
  head += "] ";
  append_printable(message.summary, text_at(root, {"message"}));
  return message;
}

}  // namespace bongsu
