// SPDX-License-Identifier: Apache-2.0
//
// Any text as a template, and behind the first zero byte any text as the alert's JSON. Nothing may crash, hang or grow
// without bounds; what comes out is JSON on one line, whatever went in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "payload/alert_line.h"
#include "payload/registry.h"

namespace {

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// What an alert of a spool is like when somebody else wrote it.
bongsu::Alert any_alert(std::string_view json) {
  if (auto alert = bongsu::read_alert(json)) {
    return std::move(*alert);
  }
  bongsu::Alert alert;
  alert.id = "01a2002b-ffff-7160-8ceb-854a0228bcde";
  alert.rule_id = "any";
  alert.json = json;
  return alert;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = text.find('\0');
  const auto alert = std::make_shared<const bongsu::Alert>(
      any_alert(middle == std::string_view::npos ? std::string_view() : text.substr(middle + 1)));
  const std::vector<std::shared_ptr<const bongsu::Alert>> alerts{alert, alert};
  for (const std::string_view name : {"template", "alertmanager", "otlp", "slack"}) {
    bongsu::PayloadOptions options;
    options.batched = true;
    options.template_json = std::string(text.substr(0, middle));
    const auto format = bongsu::make_payload_format(name, options);
    if (!format) {
      expect(name == "template" && format.error().to_string().find('\n') == std::string::npos);
      continue;
    }
    const std::string body = (*format)->body(alerts);
    expect(nlohmann::json::accept(body));
    // The template may quote the alert as it is, lines and all; a monitor's own has none.
    expect(name == "template" || body.find('\n') == std::string::npos);
    static_cast<void>((*format)->refused(text, 2));
  }
  return 0;
}
