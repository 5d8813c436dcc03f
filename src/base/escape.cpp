// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "base/utf8.h"

namespace bongsu {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out += kHex[(value >> shift) & 0xF];
  }
}

// C0, DEL and C1.
bool is_control(std::uint32_t code_point) { return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F); }

// LINE SEPARATOR and PARAGRAPH SEPARATOR: many readers end a line there.
bool ends_a_line(std::uint32_t code_point) { return code_point == 0x2028 || code_point == 0x2029; }

// The explicit bidirectional controls (Unicode annex 9, table 4): they make a terminal show text in another order.
bool reorders(std::uint32_t code_point) {
  return (code_point >= 0x202A && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069) ||
         code_point == 0x200E || code_point == 0x200F || code_point == 0x061C;
}

// The letter of a two-character escape (RFC 8259, section 7), or 0.
char short_escape(std::uint32_t code_point) {
  switch (code_point) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// Length of the run of printable ASCII without '"' and '\' at the front: nearly all text is that.
std::size_t plain_run(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    const auto byte = static_cast<unsigned char>(text[size]);
    if (byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\') {
      break;
    }
    ++size;
  }
  return size;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t run = plain_run(text);
    out.append(text, 0, run);
    text.remove_prefix(run);
    if (text.empty()) {
      break;
    }
    const Utf8Step step = utf8_step(text);
    if (step.code_point == kInvalidUtf8) {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else if (const char letter = short_escape(step.code_point); letter != 0) {
      out += '\\';
      out += letter;
    } else if (is_control(step.code_point) || ends_a_line(step.code_point)) {
      out += "\\u";
      append_hex(out, step.code_point, 4);
    } else {
      out.append(text, 0, step.size);
    }
    text.remove_prefix(step.size);
  }
  out += '"';
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t run = plain_run(text);
    out.append(text, 0, run);
    text.remove_prefix(run);
    if (text.empty()) {
      break;
    }
    const Utf8Step step = utf8_step(text);
    if (step.code_point == kInvalidUtf8 || is_control(step.code_point) || ends_a_line(step.code_point) ||
        reorders(step.code_point)) {
      for (const char byte : text.substr(0, step.size)) {
        out += "\\x";
        append_hex(out, static_cast<unsigned char>(byte), 2);
      }
    } else {
      out.append(text, 0, step.size);
    }
    text.remove_prefix(step.size);
  }
}

}  // namespace bongsu
