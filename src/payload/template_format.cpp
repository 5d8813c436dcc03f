// SPDX-License-Identifier: Apache-2.0
//
// A JSON document of the user's with parts of the alert filled in (template_document.h); several as an array.
#include <utility>

#include "payload/registry.h"
#include "payload/template_document.h"

namespace bongsu {
namespace {

class TemplateFormat final : public PayloadFormat {
 public:
  TemplateFormat(TemplateDocument document, bool batched) : document_(std::move(document)), batched_(batched) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    std::string body;
    for (const auto& alert : alerts) {
      body += !batched_ ? "" : body.empty() ? "[" : ",";
      document_.append(body, AlertView(*alert));
    }
    return batched_ ? body + ']' : body;
  }

 private:
  TemplateDocument document_;
  bool batched_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  if (options.template_json.empty()) {
    return fail("the format template has no template", "give it one: a JSON value with {placeholders} in its strings");
  }
  auto document = TemplateDocument::parse(options.template_json);
  if (!document) {
    return fail("the template is not good: " + document.error().message, std::move(document.error().hint));
  }
  return std::make_unique<TemplateFormat>(std::move(*document), options.batched);
}

}  // namespace

PayloadKind payload_kind_template() { return {"template", make}; }

}  // namespace bongsu
