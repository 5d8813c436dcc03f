// SPDX-License-Identifier: Apache-2.0
#include "events/dns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/dns_message.h"

namespace bongsu {
namespace {

using test::dns_answer;
using test::dns_header;
using test::dns_name;
using test::dns_query;
using test::dns_record;
using test::word;
const std::string kAddress("\xc0\x00\x02\x01", 4);  // 192.0.2.1
using Strings = std::vector<std::string>;

Strings answers_of(const DnsMessage& message) {
  Strings all;
  (void)message.answers().any([&](std::string_view item) {
    all.emplace_back(item);
    return false;
  });
  return all;
}

std::string name_in(const std::string& bytes) { return std::string(DnsMessage(bytes, false).question_name()); }

TEST(Dns, Query) {
  const std::string bytes = dns_query("WWW.Example.COM", 28);
  const DnsMessage message(bytes, false);
  EXPECT_FALSE(message.is_answer());
  EXPECT_EQ(message.question_name(), "www.example.com");
  EXPECT_EQ(message.question_type(), "AAAA");
  EXPECT_EQ(message.response_code(), "");
  EXPECT_EQ(answers_of(message), Strings{});
}

TEST(Dns, AnswerWithEachKindOfData) {
  const std::string records = dns_record(5, dns_name("Alias.example")) + dns_record(1, kAddress) +
                              dns_record(28, std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07") +
                              dns_record(15, word(10) + dns_name("mail.example")) +
                              dns_record(33, word(1) + word(2) + word(443) + dns_name("service.example")) +
                              dns_record(16, std::string("\x05hello\x06 world", 13)) + dns_record(2, "\xc0\x0c") +
                              dns_record(46, "signature");
  const std::string bytes = dns_answer("example.com", 255, 0, 8, records);
  const DnsMessage message(bytes, false);
  EXPECT_TRUE(message.is_answer());
  EXPECT_EQ(message.question_type(), "ANY");
  EXPECT_EQ(message.response_code(), "NOERROR");
  EXPECT_EQ(answers_of(message), (Strings{"alias.example", "192.0.2.1", "2001:db8::7", "mail.example",
                                          "service.example", "hello world", "example.com"}));
}

TEST(Dns, CodesAndTypesWithoutANameAreNumbers) {
  const std::string bytes = dns_answer("a", 65280, 12, 0, "");
  EXPECT_EQ(DnsMessage(bytes, false).question_type(), "TYPE65280");
  EXPECT_EQ(DnsMessage(bytes, false).response_code(), "RCODE12");
  const std::string absent = dns_answer("a", 1, 3, 0, "");
  EXPECT_EQ(DnsMessage(absent, false).response_code(), "NXDOMAIN");
}

TEST(Dns, NamesAreWrittenSoThatNoTwoLookTheSame) {
  EXPECT_EQ(name_in(dns_query("", 1)), ".");
  EXPECT_EQ(name_in(dns_query("a", 1)), "a");
  const std::string odd = dns_header(0, 1, 0) + std::string("\x05", 1) + "a.b\\\n" + std::string("\x02\xff ", 3) +
                          std::string(1, '\0') + word(1) + word(1);
  EXPECT_EQ(name_in(odd), "a\\.b\\\\\\010.\\255\\032");
}

TEST(Dns, LongestName) {
  std::string name;
  for (const int length : {63, 63, 63, 61}) {
    name += (name.empty() ? "" : ".") + std::string(static_cast<std::size_t>(length), 'x');
  }
  EXPECT_EQ(name_in(dns_query(name, 1)), name);
  EXPECT_EQ(name_in(dns_query(name + ".x", 1)), "");  // 256 bytes and more: no name
}

TEST(Dns, InAStreamWithAndWithoutItsLength) {
  const std::string query = dns_query("example.com", 1);
  const std::string behind_length = word(static_cast<unsigned>(query.size())) + query;
  EXPECT_EQ(DnsMessage(behind_length, true).question_name(), "example.com");
  EXPECT_EQ(DnsMessage(query, true).question_name(), "example.com");
  EXPECT_EQ(DnsMessage(behind_length + behind_length, true).question_name(), "example.com");
  EXPECT_EQ(DnsMessage("the middle of a long answer, which tells nothing", true).question_name(), "");
}

TEST(Dns, PointersThatLeadForwardOrInCirclesEnd) {
  EXPECT_EQ(name_in(dns_header(0, 1, 0) + word(0xc00c) + word(1) + word(1)), "");
  EXPECT_EQ(name_in(dns_header(0, 1, 0) + word(0xc00e) + word(0xc00c) + word(1)), "");
  EXPECT_EQ(name_in(dns_header(0, 1, 0) + "\x01" + "a" + word(0xc00c) + word(1) + word(1)), "");
}

// Cut anywhere, it tells what is there and nothing else; a sanitizer sees every byte that is read.
TEST(Dns, CutAnywhere) {
  const std::string whole =
      dns_answer("example.com", 1, 0, 2, dns_record(1, kAddress) + dns_record(5, dns_name("alias.example")));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));  // nothing behind
    for (const bool stream : {false, true}) {
      const DnsMessage message({bytes.data(), bytes.size()}, stream);
      EXPECT_TRUE(message.question_name().empty() || message.question_name() == "example.com") << size;
      EXPECT_TRUE(message.question_type().empty() || message.question_type() == "A") << size;
      EXPECT_LE(answers_of(message).size(), 1U) << size;
    }
  }
}

TEST(Dns, WrongCountsAndLengths) {
  const std::string record = dns_record(1, kAddress);
  const std::string too_many = dns_answer("a", 1, 0, 65535, record);
  EXPECT_EQ(answers_of(DnsMessage(too_many, false)), Strings{"192.0.2.1"});
  const std::string no_question = dns_header(0x8180, 0, 1) + dns_name("a") + word(1) + word(1) + word(0) + word(60) +
                                  word(4) + "\xc0" + std::string(1, '\0') + "\x02\x01";
  EXPECT_EQ(DnsMessage(no_question, false).question_name(), "");
  EXPECT_EQ(answers_of(DnsMessage(no_question, false)), Strings{"192.0.2.1"});
  const std::string short_address = dns_answer("a", 1, 0, 1, dns_record(1, "abc"));
  EXPECT_EQ(answers_of(DnsMessage(short_address, false)), Strings{});
}

}  // namespace
}  // namespace bongsu
