// SPDX-License-Identifier: Apache-2.0
//
// OpenTelemetry's protocol for logs over HTTP, in JSON (OTLP 1.x, ExportLogsServiceRequest). Alerts of one place share
// a resource; each is a log record of the event `bongsu.alert`, with the message as its body and all other fields as
// attributes.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "alert/otel_names.h"
#include "payload/alert_view.h"
#include "payload/registry.h"

namespace bongsu {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// opentelemetry/proto/logs/v1/logs.proto, SeverityNumber.
int severity_number(Severity severity) {
  switch (severity) {
    case Severity::info:
      return 9;  // INFO
    case Severity::low:
      return 10;  // INFO2
    case Severity::medium:
      return 13;  // WARN
    case Severity::high:
      return 17;  // ERROR
    case Severity::critical:
      return 21;  // FATAL
  }
  return 0;
}

// AnyValue. 64-bit integers are strings in protobuf's JSON.
ordered_json any_value(const json& value) {
  if (value.is_boolean()) {
    return {{"boolValue", value.get<bool>()}};
  }
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) {
    return {{"stringValue", dumped(value)}};
  }
  if (value.is_number_integer()) {
    return {{"intValue", dumped(value)}};
  }
  if (value.is_number()) {
    return {{"doubleValue", value.get<double>()}};
  }
  if (value.is_array()) {
    ordered_json values = ordered_json::array();
    for (const json& item : value) {
      values.push_back(any_value(item));
    }
    return {{"arrayValue", {{"values", std::move(values)}}}};
  }
  std::string text;
  append_text(text, value);
  return {{"stringValue", std::move(text)}};
}

// Which container it is; what else is said of it (its privileges, its setup) belongs to the finding.
constexpr auto kOfContainer =
    std::to_array<std::string_view>({"container.id", "container.image.hash.all", "container.image.name",
                                     "container.image.tag", "container.name", "container.runtime"});

// Whether it says where something happened: an attribute of the resource, not of the log record.
bool is_resource(std::string_view field) {
  return field.starts_with("k8s.") || field == "host.name" ||
         std::ranges::find(kOfContainer, field) != kOfContainer.end();
}

ordered_json attribute(std::string_view name, ordered_json value) {
  return {{"key", name}, {"value", std::move(value)}};
}

std::string octal(std::uint64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number, 8).ptr;
  return '0' + std::string(digits.begin(), end);
}

// By its name there.
ordered_json attribute_of(std::string_view field, const json& value) {
  const OtelName known = otel_name(field);
  const std::string_view name = known.otel;
  switch (known.form) {
    case OtelForm::list:
      return attribute(name, any_value(value.is_array() ? value : json::array({value})));
    case OtelForm::text:
      return attribute(name, any_value(value.is_string() ? value : json(dumped(value))));
    case OtelForm::octal:
      return attribute(name, any_value(value.is_number_unsigned() ? json(octal(value.get<std::uint64_t>())) : value));
    case OtelForm::as_is:
      break;
  }
  return attribute(name, any_value(value));
}

struct Attributes {
  ordered_json resource = ordered_json::array();
  ordered_json record = ordered_json::array();
};

// The record has a place of its own for these.
bool is_told_elsewhere(std::string_view field) { return field == "message" || field == "@timestamp"; }

void collect(Attributes& out, const json& object, const std::string& before) {
  for (const auto& item : object.items()) {
    const std::string name = before + item.key();
    if (item.value().is_object()) {
      collect(out, item.value(), name + '.');
    } else if (!item.value().is_null() && !is_told_elsewhere(name)) {
      ordered_json& list = is_resource(name) ? out.resource : out.record;
      list.push_back(attribute_of(name, item.value()));
    }
  }
}

class OtlpFormat final : public PayloadFormat {
 public:
  explicit OtlpFormat(const PayloadOptions& options) : batched_(options.batched), version_(options.version) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    ordered_json logs = ordered_json::array();
    std::unordered_map<std::string, std::size_t> places;  // the resource as text, and where it is in `logs`
    for (const auto& alert : alerts) {
      auto [resource, one] = record(*alert);
      const auto [place, is_new] = places.try_emplace(dumped(resource), logs.size());
      if (is_new) {
        ordered_json scope = {{"scope", {{"name", "bongsu"}, {"version", version_}}},
                              {"logRecords", ordered_json::array()}};
        logs.push_back({{"resource", {{"attributes", std::move(resource)}}},
                        {"scopeLogs", ordered_json::array({std::move(scope)})}});
      }
      logs[place->second]["scopeLogs"][0]["logRecords"].push_back(std::move(one));
    }
    return dumped(ordered_json{{"resourceLogs", std::move(logs)}});
  }

  // The answer tells how many were refused, and never which. The protocol forbids to send them again; so that none is
  // lost without a trace, all that could be meant count as refused.
  [[nodiscard]] bool needs_answer() const override { return true; }
  [[nodiscard]] std::vector<Refusal> refused(std::string_view answer, std::size_t count) override {
    const json root = json::parse(answer, nullptr, false);
    const json* number = root.is_object() ? find_path(root, {"partialSuccess", "rejectedLogRecords"}) : nullptr;
    std::string rejected;  // a string, as 64-bit integers are; some write a number
    if (number != nullptr && number->is_primitive()) {
      append_text(rejected, *number);
    }
    const bool some = !rejected.empty() && rejected != "0";
    std::vector<Refusal> refused;
    refused.reserve(some ? count : 0);
    for (std::size_t i = 0; some && i < count; ++i) {
      refused.push_back({i, false, "the collector refused some of a request, and does not say which"});
    }
    return refused;
  }

 private:
  [[nodiscard]] std::pair<ordered_json, ordered_json> record(const Alert& alert) const {
    const AlertView view(alert);
    Attributes attributes;
    attributes.resource.push_back(attribute("service.name", {{"stringValue", "bongsu"}}));
    attributes.resource.push_back(attribute("service.version", {{"stringValue", version_}}));
    collect(attributes, view.root(), "");
    const std::string time = std::to_string(alert.time_ns);
    ordered_json record = {{"timeUnixNano", time},
                           {"observedTimeUnixNano", time},
                           {"severityNumber", severity_number(alert.severity)},
                           {"severityText", to_string(alert.severity)},
                           {"eventName", is_heartbeat(alert) ? "bongsu.heartbeat" : "bongsu.alert"},
                           {"body", {{"stringValue", view.text("message")}}},
                           {"attributes", std::move(attributes.record)}};
    return {std::move(attributes.resource), std::move(record)};
  }

  bool batched_;
  std::string version_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<OtlpFormat>(options);
}

}  // namespace

PayloadKind payload_kind_otlp() { return {"otlp", make}; }

}  // namespace bongsu
