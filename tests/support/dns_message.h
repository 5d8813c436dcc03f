// SPDX-License-Identifier: Apache-2.0
//
// DNS messages by hand, as RFC 1035 has them on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu::test {

inline std::string word(unsigned value) {
  return {static_cast<char>(value >> 8U & 0xffU), static_cast<char>(value & 0xffU)};
}

// "a.b" with a length before each label and a NUL at the end.
inline std::string dns_name(std::string_view text) {
  std::string wire;
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    text.remove_prefix(label.size() == text.size() ? text.size() : label.size() + 1);
  }
  return wire + '\0';
}

inline std::string dns_header(unsigned flags, unsigned questions, unsigned answers) {
  return word(0x1234) + word(flags) + word(questions) + word(answers) + word(0) + word(0);
}

inline std::string dns_query(std::string_view name, unsigned type) {
  return dns_header(0x0100, 1, 0) + dns_name(name) + word(type) + word(1);
}

// Its name is the question's, by a pointer.
inline std::string dns_record(unsigned type, std::string_view data) {
  return word(0xc00c) + word(type) + word(1) + word(0) + word(60) + word(static_cast<unsigned>(data.size())) +
         std::string(data);
}

// `answers` records behind the question.
inline std::string dns_answer(std::string_view name, unsigned type, unsigned code, unsigned answers,
                              std::string_view records) {
  return dns_header(0x8180 | code, 1, answers) + dns_name(name) + word(type) + word(1) + std::string(records);
}

}  // namespace bongsu::test
