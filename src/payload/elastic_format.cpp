// SPDX-License-Identifier: Apache-2.0
//
// The bulk API of Elasticsearch and OpenSearch. Each alert is a `create` of the document that has its id: an alert that
// comes twice is one document, and data streams, which take nothing but creations, take it too.
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "payload/registry.h"

namespace bongsu {
namespace {

using nlohmann::json;

constexpr int kExistsAlready = 409;
constexpr int kTooMany = 429;

// Of an item: 0 when it does not say.
int status_of(const json& item) {
  if (!item.is_object() || item.size() != 1) {
    return 0;
  }
  const json& result = *item.begin();  // under the name of the action
  const auto status = result.is_object() ? result.find("status") : result.end();
  return result.is_object() && status != result.end() && status->is_number_integer() ? status->get<int>() : 0;
}

// An action, up to the id.
std::string action_until_id(const std::string& index) {
  std::string action = R"({"create":{)";
  if (!index.empty()) {
    action += R"("_index":)";
    append_json_string(action, index);
    action += ',';
  }
  return action + R"("_id":)";
}

class ElasticFormat final : public PayloadFormat {
 public:
  explicit ElasticFormat(const PayloadOptions& options)
      : batched_(options.batched), before_id_(action_until_id(options.index)) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/x-ndjson"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    std::string body;
    for (const auto& alert : alerts) {
      body += before_id_;
      append_json_string(body, alert->id);
      body += "}}\n";
      body += alert->json;
      body += '\n';  // after the last one too: the server insists
    }
    return body;
  }

  [[nodiscard]] bool needs_answer() const override { return true; }
  [[nodiscard]] std::vector<Refusal> refused(std::string_view answer, std::size_t count) override {
    std::vector<Refusal> refused;
    const json root = json::parse(answer, nullptr, false);
    if (!root.is_object() || !root.contains("errors") || root.at("errors") != true) {
      return refused;
    }
    const auto found = root.find("items");
    const json items = found != root.end() && found->is_array() ? *found : json::array();
    for (std::size_t i = 0; i < count; ++i) {
      const int status = i < items.size() ? status_of(items[i]) : 0;
      if (status == 0) {
        // Once more does no harm: what is there is not made again.
        refused.push_back({i, true, "the bulk answer does not tell of it"});
      } else if (status == kTooMany || status >= 500) {
        refused.push_back({i, true, "an item of the bulk request was put off"});
      } else if (status >= 300 && status != kExistsAlready) {
        refused.push_back({i, false, "an item of the bulk request was refused"});
      }
    }
    return refused;
  }

 private:
  bool batched_;
  std::string before_id_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<ElasticFormat>(options);
}

}  // namespace

PayloadKind payload_kind_elastic() { return {"elastic", make}; }

}  // namespace bongsu
