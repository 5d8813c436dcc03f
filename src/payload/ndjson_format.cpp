// SPDX-License-Identifier: Apache-2.0
//
// The alerts as they are, each on a line of its own.
#include "payload/registry.h"

namespace bongsu {
namespace {

class NdjsonFormat final : public PayloadFormat {
 public:
  explicit NdjsonFormat(bool batched) : batched_(batched) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/x-ndjson"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    std::string body;
    for (const auto& alert : alerts) {
      body += alert->json;
      body += '\n';
    }
    return body;
  }

 private:
  bool batched_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<NdjsonFormat>(options.batched);
}

}  // namespace

PayloadKind payload_kind_ndjson() { return {"ndjson", make}; }

}  // namespace bongsu
