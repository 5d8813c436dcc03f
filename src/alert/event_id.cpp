// SPDX-License-Identifier: Apache-2.0
#include "alert/event_id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/sha256.h"

namespace bongsu {

namespace {

// Fields that tell two events apart: of one process, at one time. What the monitor says of itself has no process.
constexpr std::array kTellingFields = {
    FieldId::host_name,    FieldId::process_entity_id, FieldId::process_thread_id, FieldId::process_target_pid,
    FieldId::container_id, FieldId::agent_event,       FieldId::agent_reason,      FieldId::agent_count,
};

void append_part(std::string& out, std::string_view part) {
  out += part;
  out += '\0';
}

}  // namespace

std::string make_event_id(const EventView& event, const Rule& rule, bool rollup) {
  constexpr std::uint64_t kMillisecondNs = 1'000'000;
  const std::int64_t time_ns = event.value(FieldId::timestamp).integer();  // 0 when there is none
  const auto when = static_cast<std::uint64_t>(std::max<std::int64_t>(time_ns, 0));
  const std::uint64_t milliseconds = when / kMillisecondNs;
  const std::uint64_t fraction = (when % kMillisecondNs) * 4096 / kMillisecondNs;

  std::string telling;
  append_part(telling, rule.id);
  append_part(telling, info(event.type()).name);
  append_part(telling, std::to_string(time_ns));
  append_part(telling, rollup ? "rollup" : "");
  for (const FieldId field : kTellingFields) {
    const Value value = event.value(field);
    append_part(telling,
                value.kind() == Value::Kind::integer ? std::to_string(value.integer()) : std::string(value.string()));
  }
  const Sha256 digest = sha256(telling);

  std::array<std::byte, 16> id{};
  std::copy_n(digest.begin(), 8, id.begin() + 8);
  for (std::size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<std::byte>(milliseconds >> (40 - 8 * i));
  }
  id[6] = static_cast<std::byte>(0x70 | (fraction >> 8));  // version
  id[7] = static_cast<std::byte>(fraction);
  id[8] = (id[8] & std::byte{0x3f}) | std::byte{0x80};  // variant

  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    const auto byte = std::to_integer<unsigned>(id[i]);
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace bongsu
