// SPDX-License-Identifier: Apache-2.0
#include "recording/facts_json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/json_document.h"
#include "base/strings.h"

namespace bongsu {
namespace {

template <typename Facts>
struct Text {
  std::string_view name;
  std::string Facts::* member;
};

constexpr std::array<Text<ContainerFacts>, 8> kContainerTexts = {{
    {"runtime", &ContainerFacts::runtime},
    {"name", &ContainerFacts::name},
    {"image_name", &ContainerFacts::image_name},
    {"image_tag", &ContainerFacts::image_tag},
    {"pod_name", &ContainerFacts::pod_name},
    {"pod_namespace", &ContainerFacts::pod_namespace},
    {"pod_uid", &ContainerFacts::pod_uid},
    {"sandbox_id", &ContainerFacts::sandbox_id},
}};

constexpr std::array<Text<PodFacts>, 8> kPodTexts = {{
    {"uid", &PodFacts::uid},
    {"name", &PodFacts::name},
    {"namespace_name", &PodFacts::namespace_name},
    {"controller_kind", &PodFacts::controller_kind},
    {"controller_name", &PodFacts::controller_name},
    {"owner_kind", &PodFacts::owner_kind},
    {"owner_name", &PodFacts::owner_name},
    {"config_hash", &PodFacts::config_hash},
}};

constexpr std::array<std::string_view, 4> kChanges = {"known", "gone", "synced", "unsynced"};
static_assert(static_cast<std::size_t>(PodChange::Kind::unsynced) == kChanges.size() - 1);

template <typename Facts, std::size_t kCount>
void append_texts(std::string& out, const Facts& facts, const std::array<Text<Facts>, kCount>& texts) {
  for (const Text<Facts>& text : texts) {
    if (!(facts.*text.member).empty()) {
      out += ',';
      append_json_string(out, text.name);
      out += ':';
      append_json_string(out, facts.*text.member);
    }
  }
}

template <typename Facts, std::size_t kCount>
void read_texts(const JsonNode& node, Facts& facts, const std::array<Text<Facts>, kCount>& texts) {
  for (const Text<Facts>& text : texts) {
    if (const JsonNode* member = node.find(text.name); member != nullptr) {
      facts.*text.member = member->string;
    }
  }
}

void append_map(std::string& out, std::string_view name, const PodFacts::Map& map) {
  if (map.empty()) {
    return;
  }
  out += ',';
  append_json_string(out, name);
  out += ":{";
  for (const auto& entry : map) {
    out += &entry == &map.front() ? "" : ",";
    append_json_string(out, entry.first);
    out += ':';
    append_json_string(out, entry.second);
  }
  out += '}';
}

PodFacts::Map read_map(const JsonNode& node, std::string_view name) {
  PodFacts::Map map;
  if (const JsonNode* object = node.find(name); object != nullptr) {
    map.reserve(object->members.size());
    for (const JsonNode::Member& member : object->members) {
      map.emplace_back(member.key, member.value.string);
    }
  }
  std::sort(map.begin(), map.end());
  return map;
}

bool flag(const JsonNode& node, std::string_view name) {
  const JsonNode* member = node.find(name);
  return member != nullptr && member->boolean;
}

}  // namespace

std::string container_facts_json(const ContainerFacts& facts) {
  std::string out = facts.kind == ContainerFacts::Kind::sandbox ? R"({"sandbox":true)" : R"({"sandbox":false)";
  out += facts.privileged ? R"(,"privileged":true)" : "";
  append_texts(out, facts, kContainerTexts);
  if (!facts.image_hashes.empty()) {
    out += R"(,"image_hashes":[)";
    for (const std::string& hash : facts.image_hashes) {
      out += &hash == &facts.image_hashes.front() ? "" : ",";
      append_json_string(out, hash);
    }
    out += ']';
  }
  return out + "}";
}

std::optional<ContainerFacts> parse_container_facts(std::string_view json) {
  const auto document = JsonDocument::parse(json);
  if (!document || document->root().kind != JsonNode::Kind::object) {
    return std::nullopt;
  }
  const JsonNode& root = document->root();
  ContainerFacts facts;
  facts.kind = flag(root, "sandbox") ? ContainerFacts::Kind::sandbox : ContainerFacts::Kind::workload;
  facts.privileged = flag(root, "privileged");
  read_texts(root, facts, kContainerTexts);
  if (const JsonNode* hashes = root.find("image_hashes"); hashes != nullptr) {
    const std::size_t count = std::min(hashes->items.size(), ContainerFacts::kMaxHashes);
    facts.image_hashes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      facts.image_hashes.push_back(hashes->items[i].string);
    }
  }
  return facts;
}

std::string pod_change_json(const PodChange& change) {
  std::string out = R"({"change":)";
  append_json_string(out, kChanges.at(static_cast<std::size_t>(change.kind)));
  append_texts(out, change.facts, kPodTexts);
  append_map(out, "labels", change.facts.labels);
  append_map(out, "annotations", change.facts.annotations);
  return out + "}";
}

std::optional<PodChange> parse_pod_change(std::string_view json) {
  const auto document = JsonDocument::parse(json);
  if (!document) {
    return std::nullopt;
  }
  const JsonNode* kind = document->root().find("change");
  const auto* known = kind == nullptr ? kChanges.end() : std::find(kChanges.begin(), kChanges.end(), kind->string);
  if (known == kChanges.end()) {
    return std::nullopt;
  }
  PodChange change;
  change.kind = static_cast<PodChange::Kind>(known - kChanges.begin());
  read_texts(document->root(), change.facts, kPodTexts);
  change.facts.labels = read_map(document->root(), "labels");
  change.facts.annotations = read_map(document->root(), "annotations");
  return change;
}

}  // namespace bongsu
