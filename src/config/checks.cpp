// SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"

#include <re2/re2.h>
#include <algorithm>
#include <bit>

#include "base/strings.h"
#include "config/listen.h"
#include "config/syslog_address.h"
#include "config/url.h"

namespace bongsu::check {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

template <typename T>
Status as_status(const Result<T>& result) {
  return result ? Status() : tl::make_unexpected(result.error());
}

// token of RFC 9110, 5.6.2
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Set by the sink, or by HTTP itself: a second value would make the request ambiguous.
constexpr std::string_view kOwnHeaders[] = {"connection",
                                            "content-length",
                                            "content-type",
                                            "expect",
                                            "host",
                                            "te",
                                            "trailer",
                                            "transfer-encoding",
                                            "upgrade",
                                            "user-agent",
                                            "keep-alive",
                                            "idempotency-key",
                                            "content-encoding",
                                            "x-bongsu-event-id",
                                            "webhook-id",
                                            "webhook-timestamp",
                                            "webhook-signature"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

}  // namespace

Status paths(const Slot& slot) {
  const auto& list = *std::get<std::vector<std::string>*>(slot);
  if (list.empty() || std::find(list.begin(), list.end(), "") != list.end()) {
    return fail(list.empty() ? "the list is empty" : "a path is empty", "give at least one file or directory");
  }
  return {};
}

Status name(const Slot& slot) {
  const std::string& text = *std::get<std::string*>(slot);
  const bool good = !text.empty() && text.size() <= 64 && text.front() != '.' &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
  return good ? Status() : fail("not a name", "use 1 to 64 letters, digits, '.', '_' and '-', no '.' in front");
}

Status url(const Slot& slot) { return as_status(parse_url(*std::get<std::string*>(slot))); }
Status listen(const Slot& slot) { return as_status(parse_listen(*std::get<std::string*>(slot))); }

Status headers(const Slot& slot) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  for (const auto& [header, value] : *std::get<Headers*>(slot)) {
    if (!is_token(header)) {
      std::string message = "not the name of a header: ";
      append_printable(message, header);
      return fail(std::move(message));
    }
    if (std::find(std::begin(kOwnHeaders), std::end(kOwnHeaders), lower(header)) != std::end(kOwnHeaders)) {
      return fail("the header " + header + " is set by bongsu itself", "remove it");
    }
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
      return fail("the value of the header " + header + " has a control character", "remove it");
    }
  }
  return {};
}

Status wait(const Slot& slot) {
  const std::int64_t nanoseconds = *std::get<std::int64_t*>(slot);
  const bool good = nanoseconds >= 1'000'000 && nanoseconds <= 3'600'000'000'000;
  return good ? Status() : fail("out of range", "from 1ms to 1h");
}

Status ring_bytes(const Slot& slot) {
  const auto bytes = static_cast<std::uint64_t>(*std::get<std::int64_t*>(slot));
  // BPF_MAP_TYPE_RINGBUF takes a power of two of whole pages (kernel/bpf/ringbuf.c); arm64 pages reach 64 KiB.
  const bool good = std::has_single_bit(bytes) && bytes >= (64U << 10) && bytes <= (1U << 30);
  return good ? Status() : fail("not a size for a ring buffer", "a power of two from 64KiB to 1GiB");
}

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;

Status within(const Slot& slot, std::int64_t least, std::int64_t most, const char* range) {
  const std::int64_t value = *std::get<std::int64_t*>(slot);
  return value >= least && value <= most ? Status() : fail("out of range", range);
}

}  // namespace

Status interval(const Slot& slot) { return within(slot, 0, kDayNs, "from 0s to 1d"); }

Status age(const Slot& slot) {
  return *std::get<std::int64_t*>(slot) == 0 ? Status()
                                             : within(slot, kSecondNs, 3'650 * kDayNs, "0s, or from 1s to 3650d");
}

Status batch_alerts(const Slot& slot) { return within(slot, 1, 10'000, "from 1 to 10000"); }
Status batch_bytes(const Slot& slot) { return within(slot, 1 << 10, 64 << 20, "from 1KiB to 64MiB"); }
Status spool_bytes(const Slot& slot) { return within(slot, 1 << 20, std::int64_t{16} << 30, "from 1MiB to 16GiB"); }
Status file_bytes(const Slot& slot) { return within(slot, 4 << 10, std::int64_t{1} << 40, "from 4KiB to 1TiB"); }
Status rotate_keep(const Slot& slot) { return within(slot, 0, 1'000, "from 0 to 1000"); }

Status path(const Slot& slot) {
  const std::string& text = *std::get<std::string*>(slot);
  return (text.empty() || text.starts_with('/')) && text.find('\0') == std::string::npos
             ? Status()
             : fail("not an absolute path", "begin it with /");
}

Status socket_path(const Slot& slot) {
  // sizeof(sockaddr_un::sun_path), unix(7)
  constexpr std::size_t kMostBytes = 107;
  if (std::get<std::string*>(slot)->size() > kMostBytes) {
    return fail("the path is too long for a socket", "107 bytes at most");
  }
  return path(slot);
}

Status syslog_address(const Slot& slot) { return as_status(parse_syslog_address(*std::get<std::string*>(slot))); }

Status patterns(const Slot& slot) {
  for (const std::string& pattern : *std::get<std::vector<std::string>*>(slot)) {
    if (const RE2 compiled(pattern, RE2::Quiet); !compiled.ok()) {
      std::string message = "not a regular expression: ";
      append_printable(message, pattern);
      return fail(std::move(message), compiled.error());
    }
  }
  return {};
}

}  // namespace bongsu::check
