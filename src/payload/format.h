// SPDX-License-Identifier: Apache-2.0
//
// A form of body: alerts in, what is sent to a server out, and what its answer says of each of them. Knows nothing of
// how bodies travel.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "alert/alert.h"

namespace bongsu {

struct PayloadOptions {
  std::string version = {};        // of this program
  std::string name = {};           // what the configuration calls the destination
  bool batched = false;            // bodies are to hold several alerts, or only one
  std::string template_json = {};  // of the format `template`: the document to fill in
  std::string index = {};          // of the format `elastic`: the index or data stream; empty: the URL says it
};

// What becomes of one alert of several that were taken otherwise.
struct Refusal {
  std::size_t index = 0;  // in what was sent
  bool again = false;     // it is to be sent once more; else it will never be taken
  std::string reason;     // one of few, so without anything the other side chose
};

class PayloadFormat {
 public:
  static constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

  PayloadFormat() = default;
  PayloadFormat(const PayloadFormat&) = delete;
  PayloadFormat& operator=(const PayloadFormat&) = delete;
  virtual ~PayloadFormat() = default;

  [[nodiscard]] virtual std::string_view content_type() const = 0;
  // How many alerts one body can hold, whatever the configuration says.
  [[nodiscard]] virtual std::size_t most_alerts() const { return kAnyNumber; }
  // One thread. Valid UTF-8. The alerts may come from a spool: they have no text, and their JSON may be of an earlier
  // version of this program.
  [[nodiscard]] virtual std::string body(Alerts alerts) = 0;
  // Only the body of a 2xx says what became of the alerts: where that did not come whole, they are to be sent again.
  [[nodiscard]] virtual bool needs_answer() const { return false; }
  // Of an answer that says 2xx: which of the `count` alerts were not taken after all, ascending. What cannot be
  // understood says nothing.
  [[nodiscard]] virtual std::vector<Refusal> refused(std::string_view answer, std::size_t count) {
    static_cast<void>(answer);
    static_cast<void>(count);
    return {};
  }
};

}  // namespace bongsu
