// SPDX-License-Identifier: Apache-2.0
//
// Small text helpers that every room needs. Nothing here allocates unless it returns a std::string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bongsu {

// Appends `text` as a JSON string, quotes included (RFC 8259). Bytes that are not UTF-8 become U+FFFD, one per
// maximal invalid sequence; control characters (C0, DEL, C1) and the line separators U+2028 and U+2029 are escaped: the
// result is one line of valid UTF-8, whatever the reader takes for a line.
void append_json_string(std::string& out, std::string_view text);

// Appends `text` for a terminal or a log line: control characters, DEL, C1, line separators, bidirectional controls and
// invalid UTF-8 become \xNN escapes, byte by byte.
void append_printable(std::string& out, std::string_view text);

// RFC 3339 in UTC with nanoseconds: 2026-11-21T07:34:20.123456789Z.
void append_timestamp(std::string& out, std::int64_t unix_ns);

// What follows the last '/', or all of it.
[[nodiscard]] std::string_view base_name(std::string_view path);

// Nearest of `candidates` by edit distance (with transpositions), for "did you mean"; empty when none is near
// (more than a third of the word's length away). Upper and lower case are alike. Ties: the first.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "90s", "5m", "200ms", "1h" -> nanoseconds (ns us ms s m h d); "64KiB", "10kB" -> bytes (B, kB MB GB TB, KiB MiB GiB
// TiB). False, with `out` unspecified, when not of that form (a whole number and its unit) or out of range.
[[nodiscard]] bool parse_duration_ns(std::string_view text, std::int64_t& out);
[[nodiscard]] bool parse_size_bytes(std::string_view text, std::int64_t& out);

}  // namespace bongsu
