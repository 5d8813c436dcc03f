// SPDX-License-Identifier: Apache-2.0
//
// CloudEvents 1.0, the JSON event format: one event in structured mode, several in batched mode. `source` and `id`
// together name an alert, so that a consumer can drop what it has seen. The alert's JSON is `data`, as it is.
#include "base/strings.h"
#include "payload/alert_view.h"
#include "payload/registry.h"

namespace bongsu {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

// A URI reference: what is not unreserved (RFC 3986, 2.3) is percent-encoded.
void append_segment(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
}

// As a rule the name is found without reading the JSON. A quote within a string is escaped there, so these bytes are
// members and no text that somebody chose.
std::string host_name(const Alert& alert) {
  constexpr std::string_view kBefore = R"("host":{"name":")";
  const std::size_t at = alert.json.find(kBefore);
  if (at != std::string::npos) {
    const std::size_t begin = at + kBefore.size();
    const std::string_view name = std::string_view(alert.json).substr(begin, alert.json.find('"', begin) - begin);
    if (name.find('\\') == std::string_view::npos) {
      return std::string(name);
    }
  }
  return AlertView(alert).text("host.name");
}

void append_event(std::string& out, const Alert& alert) {
  std::string source = "/bongsu";
  if (const std::string host = host_name(alert); !host.empty()) {
    source += '/';
    append_segment(source, host);
  }
  out += R"({"specversion":"1.0")";
  append_member(out, "id", alert.id);
  append_member(out, "source", source);
  append_member(out, "type", is_heartbeat(alert) ? "bongsu.heartbeat" : "bongsu.alert");
  append_member(out, "subject", alert.rule_id.empty() ? "unknown" : alert.rule_id);
  if (alert.time_ns != 0) {
    out += R"(,"time":")";
    append_timestamp(out, alert.time_ns);
    out += '"';
  }
  append_member(out, "severity", to_string(alert.severity));  // an extension, to route by
  out += R"(,"datacontenttype":"application/json","data":)";
  out += alert.json;
  out += '}';
}

class CloudEventsFormat final : public PayloadFormat {
 public:
  explicit CloudEventsFormat(bool batched) : batched_(batched) {}

  [[nodiscard]] std::string_view content_type() const override {
    return batched_ ? "application/cloudevents-batch+json" : "application/cloudevents+json";
  }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    std::string body;
    for (const auto& alert : alerts) {
      body += !batched_ ? "" : body.empty() ? "[" : ",";
      append_event(body, *alert);
    }
    return batched_ ? body + ']' : body;
  }

 private:
  bool batched_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<CloudEventsFormat>(options.batched);
}

}  // namespace

PayloadKind payload_kind_cloudevents() { return {"cloudevents", make}; }

}  // namespace bongsu
