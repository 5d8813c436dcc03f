// SPDX-License-Identifier: Apache-2.0
//
// Words an alert: an event and the rule it matched become JSON with ECS names, and text where a terminal shows it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "alert/alert.h"
#include "alert/redact.h"
#include "alert/rollup.h"
#include "events/event_view.h"

namespace bongsu {

enum class TextStyle : std::uint8_t { none, plain, colour };

class AlertBuilder {
 public:
  struct Options {
    std::string version;  // agent.version
    TextStyle text = TextStyle::none;
    const Redactor* redactor = nullptr;  // outlives the builder; null: nothing is masked
  };
  explicit AlertBuilder(Options options) : options_(std::move(options)) {}

  // Any thread. Depends on nothing but its arguments: a replay words the same alert. For what the monitor says of
  // itself, the caller makes up a rule; event.kind then is "pipeline_error". `rollup`: the alert tells of several that
  // were held back, of which the event is the first. Secrets are masked in all that it words; the id is made of what
  // the event really holds.
  [[nodiscard]] std::shared_ptr<const Alert> build(const EventView& raw, const Rule& rule,
                                                   const Rollup* rollup = nullptr) const;

 private:
  Options options_;
};

}  // namespace bongsu
