// SPDX-License-Identifier: Apache-2.0
//
// An alert as a syslog message (RFC 5424):
//
//   <PRI>1 TIMESTAMP HOSTNAME bongsu PROCID MSGID [bongsu@32473 eventId="..." ...] {the alert's JSON}
//
// MSGID is the rule's id. The structured data says what to sort by without reading JSON: eventId, ruleId, severity,
// namespace, pod, container. 32473 is the number that RFC 5612 sets apart for documentation: this program has none of
// its own. MSG is UTF-8 without a byte order mark, which JSON forbids (RFC 8259, 8.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "alert/alert.h"

namespace bongsu {

struct SyslogMessage {
  std::string head;     // up to the space before MSG, included
  std::string summary;  // for where the JSON is too long: the alert's message in words
};

[[nodiscard]] SyslogMessage syslog_message(const Alert& alert, std::uint8_t facility, std::string_view process_id);

}  // namespace bongsu
