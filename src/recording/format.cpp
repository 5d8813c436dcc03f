// SPDX-License-Identifier: Apache-2.0
#include "recording/format.h"

#include <fmt/format.h>

#include <iterator>

#include "base/json_document.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "events/catalogue.h"
#include "events/syscalls.h"

namespace bongsu {
namespace {

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? "{" : ",";
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

std::string text_at(const JsonNode& node, std::string_view name) {
  const JsonNode* member = node.find(name);
  return member != nullptr && member->kind == JsonNode::Kind::string ? member->string : std::string();
}

std::int64_t number_at(const JsonNode& node, std::string_view name) {
  const JsonNode* member = node.find(name);
  return member == nullptr ? 0 : member->integer;
}

std::string make_layout() {
  std::string text = fmt::format("header {} task {}", sizeof(bongsu_header), sizeof(bongsu_task));
  auto out = std::back_inserter(text);
  for (const FieldInfo& field : fields()) {
    fmt::format_to(out, "\n{} {}", field.name, static_cast<int>(field.type));
  }
  for (const EventInfo& event : events()) {
    fmt::format_to(out, "\n{} {}", event.name, wire_size(event.type));
    for (const WireMember& member : wire_members(event.type)) {
      fmt::format_to(out, " {}@{}:{}={}:{}", member.name, member.offset, static_cast<int>(member.kind),
                     static_cast<int>(member.field), static_cast<int>(member.names));
    }
  }
  for (const SyscallInfo& call : syscalls()) {
    fmt::format_to(out, "\n{} {}", call.name, static_cast<int>(call.call));
  }
  constexpr std::size_t kEnough = 8;  // bytes: nobody forges it, it only has to differ
  std::string name;
  const Sha256 digest = sha256(text);
  for (std::size_t i = 0; i < kEnough; ++i) {
    fmt::format_to(std::back_inserter(name), "{:02x}", std::to_integer<unsigned>(digest.at(i)));
  }
  return name;
}

}  // namespace

std::string header_json(const RecordingHeader& header) {
  std::string json;
  append_text(json, "program", header.program);
  append_text(json, "layout", header.layout);
  append_text(json, "host_name", header.host_name);
  append_text(json, "boot_id", header.boot_id);
  append_text(json, "node_name", header.node_name);
  append_text(json, "scope", header.scope);
  json += header.pods_expected ? R"(,"pods_expected":true)" : R"(,"pods_expected":false)";
  json += ",\"wall_minus_boot_ns\":" + std::to_string(header.wall_minus_boot_ns) +
          ",\"begun_ns\":" + std::to_string(header.begun_ns) + ",\"masked\":[";
  for (const std::string& field : header.masked) {
    json += &field == &header.masked.front() ? "" : ",";
    append_json_string(json, field);
  }
  return json + "]}";
}

Result<RecordingHeader> parse_header(std::string_view json) {
  const auto document = JsonDocument::parse(json);
  if (!document) {
    return fail("its header cannot be read: " + document.error().message);
  }
  const JsonNode& root = document->root();
  RecordingHeader header;
  header.program = text_at(root, "program");
  header.layout = text_at(root, "layout");
  header.host_name = text_at(root, "host_name");
  header.boot_id = text_at(root, "boot_id");
  header.node_name = text_at(root, "node_name");
  const JsonNode* pods = root.find("pods_expected");
  header.pods_expected = pods != nullptr && pods->boolean;
  header.scope = text_at(root, "scope");
  header.wall_minus_boot_ns = number_at(root, "wall_minus_boot_ns");
  header.begun_ns = number_at(root, "begun_ns");
  if (const JsonNode* masked = root.find("masked"); masked != nullptr) {
    for (const JsonNode& field : masked->items) {
      header.masked.push_back(field.string);
    }
  }
  return header;
}

const std::string& recording_layout() {
  static const std::string kLayout = make_layout();
  return kLayout;
}

}  // namespace bongsu
