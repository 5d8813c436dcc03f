// SPDX-License-Identifier: Apache-2.0
#include "sinks/spool_record.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/packing.h"

namespace bongsu {
namespace {

constexpr std::string_view kMagic = "BSP1";
constexpr std::size_t kSummedHeadBytes = kSpoolHeadBytes - sizeof(std::uint32_t);

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

struct Head {
  std::size_t body_bytes;
  std::uint64_t sequence;
  std::uint32_t body_sum;
};

std::optional<Head> read_head(std::span<const std::byte> bytes) {
  if (bytes.size() < kSpoolHeadBytes || !std::ranges::equal(bytes.first(kMagic.size()), as_bytes(kMagic))) {
    return std::nullopt;
  }
  Unpacker unpacker(bytes.subspan(kMagic.size(), kSpoolHeadBytes - kMagic.size()));
  const Head head{.body_bytes = unpacker.number<std::uint32_t>(),
                  .sequence = unpacker.number<std::uint64_t>(),
                  .body_sum = unpacker.number<std::uint32_t>()};
  const bool good = unpacker.number<std::uint32_t>() == checksum(bytes.first(kSummedHeadBytes)) &&
                    head.body_bytes <= kMostSpoolBodyBytes;
  return good ? std::optional(head) : std::nullopt;
}

std::shared_ptr<const Alert> read_alert(std::span<const std::byte> body) {
  Unpacker unpacker(body);
  auto alert = std::make_shared<Alert>();
  alert->id = unpacker.text();
  alert->time_ns = unpacker.number<std::int64_t>();
  const auto severity = unpacker.number<std::uint8_t>();
  alert->rule_id = unpacker.text();
  const auto tags = unpacker.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < tags && i < body.size(); ++i) {  // each takes some bytes
    alert->tags.emplace_back(unpacker.text());
  }
  alert->json = unpacker.text();
  if (!unpacker.whole() || severity < static_cast<std::uint8_t>(Severity::info) ||
      severity > static_cast<std::uint8_t>(Severity::critical)) {
    return nullptr;
  }
  alert->severity = static_cast<Severity>(severity);
  return alert;
}

}  // namespace

bool append_spool_record(std::string& out, std::uint64_t sequence, const Alert& alert) {
  const std::size_t begin = out.size();
  out.append(kSpoolHeadBytes, '\0');
  Packer packer(out);
  packer.text(alert.id).number(alert.time_ns).number(static_cast<std::uint8_t>(alert.severity)).text(alert.rule_id);
  packer.number(static_cast<std::uint32_t>(alert.tags.size()));
  for (const std::string& tag : alert.tags) {
    packer.text(tag);
  }
  packer.text(alert.json);
  const std::size_t body_bytes = out.size() - begin - kSpoolHeadBytes;
  if (body_bytes > kMostSpoolBodyBytes) {
    out.resize(begin);
    return false;
  }
  std::string head(kMagic);
  const auto body = as_bytes(out).subspan(begin + kSpoolHeadBytes);
  Packer(head).number(static_cast<std::uint32_t>(body_bytes)).number(sequence).number(checksum(body));
  Packer(head).number(checksum(as_bytes(head)));
  out.replace(begin, kSpoolHeadBytes, head);
  return true;
}

std::optional<SpoolRecord> read_spool_record(std::span<const std::byte> bytes) {
  const auto head = read_head(bytes);
  if (!head || bytes.size() - kSpoolHeadBytes < head->body_bytes) {
    return std::nullopt;
  }
  const auto body = bytes.subspan(kSpoolHeadBytes, head->body_bytes);
  if (checksum(body) != head->body_sum) {
    return std::nullopt;
  }
  auto alert = read_alert(body);
  if (alert == nullptr) {
    return std::nullopt;
  }
  return SpoolRecord{
      .sequence = head->sequence, .offset = 0, .bytes = kSpoolHeadBytes + head->body_bytes, .alert = std::move(alert)};
}

std::size_t scan_spool(std::span<const std::byte> bytes, const std::function<void(const SpoolRecord&)>& found) {
  std::size_t damaged = 0;
  std::size_t since = 0;  // bytes that belong to no record, since the last one
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (auto record = read_spool_record(bytes.subspan(at))) {
      record->offset = at;
      damaged += std::exchange(since, 0);
      found(*record);
      at += record->bytes;
      continue;
    }
    if (const auto head = read_head(bytes.subspan(at));
        head && head->body_bytes <= bytes.size() - at - kSpoolHeadBytes) {
      damaged += std::exchange(since, 0) + kSpoolHeadBytes + head->body_bytes;  // it was whole once
      at += kSpoolHeadBytes + head->body_bytes;
      continue;
    }
    // The next place where one may begin.
    const auto rest = bytes.subspan(at + 1);
    const auto magic = as_bytes(kMagic);
    const auto next = std::search(rest.begin(), rest.end(), magic.begin(), magic.end());
    const auto skipped = static_cast<std::size_t>(next - rest.begin()) + 1;
    since += skipped;
    at += skipped;
  }
  return damaged;
}

}  // namespace bongsu
