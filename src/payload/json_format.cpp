// SPDX-License-Identifier: Apache-2.0
//
// The alert as it is; several as an array.
#include "payload/registry.h"

namespace bongsu {
namespace {

class JsonFormat final : public PayloadFormat {
 public:
  explicit JsonFormat(bool batched) : batched_(batched) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    if (!batched_) {
      return alerts.front()->json;
    }
    std::string body = "[";
    for (const auto& alert : alerts) {
      body += (body.size() > 1 ? "," : "") + alert->json;
    }
    return body += ']';
  }

 private:
  bool batched_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<JsonFormat>(options.batched);
}

}  // namespace

PayloadKind payload_kind_json() { return {"json", make}; }

}  // namespace bongsu
