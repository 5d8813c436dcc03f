// SPDX-License-Identifier: Apache-2.0
#include "events/dns.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "events/names.h"

namespace bongsu {
namespace {

// RFC 1035, 4.1.1
constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kFlagsAt = 2;
constexpr std::size_t kQuestionsAt = 4;
constexpr std::size_t kAnswersAt = 6;
constexpr std::uint16_t kResponse = 0x8000;
constexpr std::uint16_t kOpcode = 0x7800;
constexpr std::uint16_t kResponseCode = 0x000f;

// RFC 1035, 2.3.4 and 4.1.4
constexpr std::size_t kNameBytes = 255;
constexpr std::uint8_t kPointer = 0xc0;
constexpr std::uint16_t kTarget = 0x3fff;
constexpr std::size_t kEscapedBytes = 4;  // \DDD

// IANA, "Resource Record (RR) TYPEs"
enum RecordType : std::uint8_t {
  type_a = 1,
  type_ns = 2,
  type_cname = 5,
  type_ptr = 12,
  type_mx = 15,
  type_txt = 16,
  type_aaaa = 28,
  type_srv = 33,
  type_dname = 39
};

std::uint16_t number(std::string_view bytes, std::size_t at) {
  if (at + 2 > bytes.size()) {
    return 0;
  }
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[at]) << 8U |
                                    static_cast<std::uint8_t>(bytes[at + 1]));
}

// Text that is made piece by piece and never longer than it can be.
template <std::size_t kSize>
class Text {
 public:
  void clear() { used_ = 0; }
  void put(char byte) {
    if (used_ < kSize) {
      bytes_[used_++] = byte;
    }
  }
  void put(std::string_view text) {
    for (const char byte : text) {
      put(byte);
    }
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), used_}; }

 private:
  std::array<char, kSize> bytes_{};
  std::size_t used_ = 0;
};
using NameText = Text<kNameBytes * kEscapedBytes>;

void put_byte(NameText& text, std::uint8_t byte) {
  constexpr std::uint8_t kFirst = 0x21;
  constexpr std::uint8_t kLast = 0x7e;
  if (byte >= 'A' && byte <= 'Z') {
    text.put(static_cast<char>(byte - 'A' + 'a'));
  } else if (byte == '.' || byte == '\\') {
    text.put('\\');
    text.put(static_cast<char>(byte));
  } else if (byte >= kFirst && byte <= kLast) {
    text.put(static_cast<char>(byte));
  } else {
    text.put('\\');
    text.put(static_cast<char>('0' + byte / 100));
    text.put(static_cast<char>('0' + byte / 10 % 10));
    text.put(static_cast<char>('0' + byte % 10));
  }
}

// Reads the name at `at` into `text` (unless null) and returns where what follows it begins. A pointer must lead to
// before where it was found, or earlier than the last one led to: so the way ends.
std::optional<std::size_t> read_name(std::string_view bytes, std::size_t at, NameText* text) {
  std::optional<std::size_t> behind;
  std::size_t limit = at;
  std::size_t length = 0;
  if (text != nullptr) {
    text->clear();
  }
  for (;;) {
    if (at >= bytes.size()) {
      return std::nullopt;
    }
    const auto head = static_cast<std::uint8_t>(bytes[at]);
    if (head == 0) {
      if (text != nullptr && length == 0) {
        text->put('.');
      }
      return behind.value_or(at + 1);
    }
    if ((head & kPointer) == kPointer) {
      if (at + 2 > bytes.size()) {
        return std::nullopt;
      }
      const std::size_t target = number(bytes, at) & kTarget;
      if (target >= limit) {
        return std::nullopt;
      }
      behind = behind.value_or(at + 2);
      limit = target;
      at = target;
      continue;
    }
    length += head + 1U;
    if ((head & kPointer) != 0 || length > kNameBytes || head >= bytes.size() - at) {
      return std::nullopt;
    }
    if (text != nullptr) {
      if (length != head + 1U) {
        text->put('.');
      }
      for (std::size_t i = 1; i <= head; ++i) {
        put_byte(*text, static_cast<std::uint8_t>(bytes[at + i]));
      }
    }
    at += head + 1U;
  }
}

// A plain query or its answer, not any other bytes of a stream.
bool is_plausible(std::string_view bytes) {
  return bytes.size() >= kHeaderBytes && (number(bytes, kFlagsAt) & kOpcode) == 0 && number(bytes, kQuestionsAt) == 1 &&
         read_name(bytes, kHeaderBytes, nullptr).has_value();
}

std::optional<std::size_t> end_of_questions(std::string_view bytes) {
  constexpr std::size_t kTypeAndClass = 4;
  std::size_t at = kHeaderBytes;
  for (unsigned i = number(bytes, kQuestionsAt); i > 0; --i) {
    const auto behind = read_name(bytes, at, nullptr);
    if (!behind || *behind + kTypeAndClass > bytes.size()) {
      return std::nullopt;
    }
    at = *behind + kTypeAndClass;
  }
  return at;
}

std::string_view address_text(int family, std::string_view data) {
  thread_local std::array<char, INET6_ADDRSTRLEN> text;
  const std::size_t bytes = family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
  const char* done = data.size() == bytes
                         ? ::inet_ntop(family, data.data(), text.data(), static_cast<socklen_t>(text.size()))
                         : nullptr;
  return done == nullptr ? std::string_view{} : std::string_view(done);
}

// Character strings, each behind its length (RFC 1035, 3.3.14); together they are the text.
std::string_view joined_text(std::string_view data) {
  constexpr std::size_t kMost = 512;
  thread_local Text<kMost> text;
  text.clear();
  while (!data.empty()) {
    const std::size_t length = static_cast<std::uint8_t>(data[0]);
    text.put(data.substr(1, length));
    data.remove_prefix(std::min(length + 1, data.size()));
  }
  return text.view();
}

// `at` and `length`: of the record's data in the message; names in it may point to anywhere before.
std::string_view data_text(std::string_view bytes, std::uint16_t type, std::size_t at, std::size_t length) {
  thread_local NameText name;
  const auto name_at = [&](std::size_t offset) {
    return offset < length && read_name(bytes, at + offset, &name) ? name.view() : std::string_view{};
  };
  constexpr std::size_t kPreference = 2;    // RFC 1035, 3.3.9
  constexpr std::size_t kServicePlace = 6;  // RFC 2782: priority, weight, port
  switch (type) {
    case type_a:
      return address_text(AF_INET, bytes.substr(at, length));
    case type_aaaa:
      return address_text(AF_INET6, bytes.substr(at, length));
    case type_ns:
    case type_cname:
    case type_ptr:
    case type_dname:
      return name_at(0);
    case type_mx:
      return name_at(kPreference);
    case type_srv:
      return name_at(kServicePlace);
    case type_txt:
      return joined_text(bytes.substr(at, length));
    default:
      return {};
  }
}

// The cursor: where the next record begins, and above that how many came before it.
bool next_answer(const void* source, std::uint64_t size, std::uint64_t& cursor, std::string_view& out) {
  constexpr unsigned kCount = 32;
  constexpr std::uint64_t kOffset = (std::uint64_t{1} << kCount) - 1;
  constexpr std::size_t kFixed = 10;  // type, class, time to live, length of the data: RFC 1035, 4.1.3
  constexpr std::size_t kLengthAt = 8;
  const std::string_view bytes(static_cast<const char*>(source), size);
  std::optional<std::size_t> at = cursor & kOffset;
  if (cursor == 0) {
    at = end_of_questions(bytes);
  }
  for (std::uint64_t index = cursor >> kCount; at && index < number(bytes, kAnswersAt);) {
    const auto fixed = read_name(bytes, *at, nullptr);
    if (!fixed || *fixed + kFixed > bytes.size()) {
      return false;
    }
    const std::size_t data = *fixed + kFixed;
    const std::size_t length = number(bytes, *fixed + kLengthAt);
    if (length > bytes.size() - data) {
      return false;
    }
    at = data + length;
    cursor = ++index << kCount | *at;
    out = data_text(bytes, number(bytes, *fixed), data, length);
    if (!out.empty()) {
      return true;
    }
  }
  return false;
}

// The table's name, or the prefix and the number.
std::string_view name_or_number(NameTable table, std::string_view prefix, std::uint16_t value) {
  constexpr std::size_t kMost = 16;
  thread_local Text<kMost> text;
  const std::string_view name = name_of(table, value);
  if (name != kNoName) {
    return name;
  }
  text.clear();
  text.put(prefix);
  text.put(std::to_string(value));  // too short to be allocated
  return text.view();
}

}  // namespace

DnsMessage::DnsMessage(std::string_view bytes, bool stream) : bytes_(bytes) {
  constexpr std::size_t kLength = 2;
  if (stream && bytes.size() > kLength && number(bytes, 0) >= kHeaderBytes && is_plausible(bytes.substr(kLength))) {
    bytes_.remove_prefix(kLength);
  } else if (stream && !is_plausible(bytes)) {
    bytes_ = {};  // the middle of a longer message
  }
}

bool DnsMessage::is_answer() const { return (number(bytes_, kFlagsAt) & kResponse) != 0; }

std::string_view DnsMessage::question_name() const {
  thread_local NameText name;
  if (number(bytes_, kQuestionsAt) == 0 || !read_name(bytes_, kHeaderBytes, &name)) {
    return {};
  }
  return name.view();
}

std::string_view DnsMessage::question_type() const {
  const auto behind = number(bytes_, kQuestionsAt) == 0 ? std::nullopt : read_name(bytes_, kHeaderBytes, nullptr);
  if (!behind || *behind + 2 > bytes_.size()) {
    return {};
  }
  return name_or_number(NameTable::dns_record_type, "TYPE", number(bytes_, *behind));
}

std::string_view DnsMessage::response_code() const {
  if (bytes_.size() < kHeaderBytes || !is_answer()) {
    return {};
  }
  return name_or_number(NameTable::dns_response_code, "RCODE", number(bytes_, kFlagsAt) & kResponseCode);
}

StringList DnsMessage::answers() const {
  if (bytes_.size() < kHeaderBytes || !is_answer()) {
    return {};
  }
  return {bytes_.data(), bytes_.size(), &next_answer};
}

}  // namespace bongsu
