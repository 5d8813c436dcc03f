// SPDX-License-Identifier: Apache-2.0
#include "payload/slack_text.h"

#include "base/utf8.h"

namespace bongsu {
namespace {

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

}  // namespace

std::string slack_text(std::string_view text, std::size_t most) {
  constexpr std::string_view kMark = "...";
  std::string out;
  std::size_t fits = 0;  // of `out`, so that the mark still does
  while (!text.empty()) {
    std::string_view next = escape_of(text.front());
    const std::size_t taken = next.empty() ? utf8_step(text).size : 1;
    next = next.empty() ? text.substr(0, taken) : next;
    if (out.size() + next.size() > most) {
      out.resize(fits);
      return out.append(kMark);
    }
    out += next;
    fits = out.size() + kMark.size() <= most ? out.size() : fits;
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace bongsu
