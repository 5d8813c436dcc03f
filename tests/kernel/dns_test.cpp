// SPDX-License-Identifier: Apache-2.0
//
// dns: queries and answers by every call that can carry them. The name server is the same process on port 53 of a
// network of its own; what it does itself is not told, for its other end is not on port 53.
#include <sys/syscall.h>

#include "support/dns_message.h"
#include "support/kernel/network.h"

namespace bongsu::test {
namespace {

class DnsTest : public CallsTest {
 protected:
  static constexpr std::uint16_t kPort = 53;
  static constexpr std::uint16_t kClient = 7002;
  static constexpr int kServer = 0;  // the steps that make the sockets
  static constexpr int kAsker = 2;

  static std::string number_of(const std::string& text) { return num(static_cast<std::int64_t>(text.size())); }
  static std::string on_address(int number, int step, const std::string& address) {
    return call(number, {result_of(step), bytes(address), number_of(address)});
  }
  static std::string server() { return address4("127.0.0.1", kPort); }
  static std::string client() { return address4("127.0.0.1", kClient); }
  // Steps 0 to 3: a server on port 53 and a client, both bound; `connected`: 0 to 4.
  static std::vector<std::string> datagrams(bool connected) {
    std::vector<std::string> steps = {
        call(SYS_socket, {num(AF_INET), num(SOCK_DGRAM), num(0)}), on_address(SYS_bind, kServer, server()),
        call(SYS_socket, {num(AF_INET), num(SOCK_DGRAM), num(0)}), on_address(SYS_bind, kAsker, client())};
    if (connected) {
      steps.push_back(on_address(SYS_connect, kAsker, server()));
    }
    return steps;
  }
  // The server answers: told of nobody.
  static std::string serve(const std::string& answer) {
    return call(SYS_sendto,
                {result_of(kServer), bytes(answer), number_of(answer), num(0), bytes(client()), number_of(client())});
  }
  static std::string query() { return dns_query("Secret.Example.COM", 16); }
  static std::string answer() {
    return dns_answer("Secret.Example.COM", 16, 0, 2,
                      dns_record(5, dns_name("alias.example")) + dns_record(16, std::string("\x04text", 5)));
  }
  [[nodiscard]] std::string asker() const { return std::to_string(result(kAsker)); }

  [[nodiscard]] Fields asked(std::string transport = "udp") const {
    return untrusted({{"dns.type", "query"},
                      {"dns.question.name", "secret.example.com"},
                      {"dns.question.type", "TXT"},
                      {"network.transport", std::move(transport)},
                      {"network.type", "ipv4"},
                      {"destination.ip", "127.0.0.1"},
                      {"destination.port", "53"},
                      {"file.descriptor", asker()}});
  }
  [[nodiscard]] Fields answered(std::string transport = "udp") const {
    Fields fields = asked(std::move(transport));
    fields["dns.type"] = "answer";
    fields["dns.response_code"] = "NOERROR";
    fields["dns.answers.data"] = "alias.example text";
    return fields;
  }
  void run_all(std::vector<std::string> steps, std::initializer_list<std::string> more) {
    steps.insert(steps.end(), more);
    run({EventType::dns}, steps, own_network);
  }
  // struct msghdr with one struct iovec, and its parts: five steps.
  static std::vector<std::string> message(int first, const std::string& address, const std::string& content) {
    return {at(bytes(address)), at(bytes(content)), at(list64({result_of(first + 1), number_of(content)})),
            at(list64({result_of(first), number_of(address), result_of(first + 2), num(1), num(0), num(0), num(0)}))};
  }
};
BONGSU_BOTH_TRANSPORTS(DnsTest);

TEST_P(DnsTest, BySendtoAndRecvfrom) {
  run_all(datagrams(false),
          {call(SYS_sendto,
                {result_of(kAsker), bytes(query()), number_of(query()), num(0), bytes(server()), number_of(server())}),
           serve(answer()),
           call(SYS_recvfrom, {result_of(kAsker), buffer(900), num(900), num(0), buffer(16), list32({num(16)})})});
  ASSERT_EQ(result(6), static_cast<std::int64_t>(answer().size()));
  EXPECT_EQ(told_of(EventType::dns, 1), succeeded("sendto", asked()));
  EXPECT_EQ(told_of(EventType::dns, 2), succeeded("recvfrom", answered()));
  const Record* first = record(EventType::dns, 1);
  EXPECT_EQ(first->string(first->as<bongsu_dns>().message), query());
  EXPECT_EQ(first->as<bongsu_dns>().pad, 0U);
  EXPECT_EQ(count(EventType::dns), 2U);
}

// As the resolvers of Go and musl: a connected socket, without any call that names an address.
TEST_P(DnsTest, ByWriteAndReadOfAConnectedSocket) {
  run_all(datagrams(true), {call(SYS_write, {result_of(kAsker), bytes(query()), number_of(query())}), serve(answer()),
                            call(SYS_read, {result_of(kAsker), buffer(900), num(900)}),
                            call(SYS_writev, {result_of(kAsker), vector_of(12), num(1)})});
  ASSERT_EQ(result(7), static_cast<std::int64_t>(answer().size()));
  EXPECT_EQ(told_of(EventType::dns, 1), succeeded("write", asked()));
  EXPECT_EQ(told_of(EventType::dns, 2), succeeded("read", answered()));
  EXPECT_EQ(told_of(EventType::dns, 3).at("syscall.name"), "writev");
}

TEST_P(DnsTest, BySendmsgAndRecvmsg) {
  std::vector<std::string> steps = datagrams(false);
  const auto sent = message(4, server(), query());
  const auto received = message(10, server(), answer());  // what is in the buffers is overwritten
  steps.insert(steps.end(), sent.begin(), sent.end());
  steps.push_back(call(SYS_sendmsg, {result_of(kAsker), result_of(7), num(0)}));
  steps.push_back(serve(answer()));
  steps.insert(steps.end(), received.begin(), received.end());
  steps.push_back(call(SYS_recvmsg, {result_of(kAsker), result_of(13), num(0)}));
  run_all(steps, {});
  ASSERT_EQ(result(14), static_cast<std::int64_t>(answer().size()));
  EXPECT_EQ(told_of(EventType::dns, 1), succeeded("sendmsg", asked()));
  EXPECT_EQ(told_of(EventType::dns, 2), succeeded("recvmsg", answered()));
}

// As glibc: both questions, A and AAAA, in one call.
TEST_P(DnsTest, BySendmmsgAndRecvmmsg) {
  const std::string second = dns_query("other.example", 28);
  const auto vector_of_two = [](int a, const std::string& first, int b, const std::string& other) {
    // struct mmsghdr of linux/socket.h: a header without an address, and the length
    return at(list64({num(0), num(0), result_of(a), num(1), num(0), num(0), num(0), number_of(first),  //
                      num(0), num(0), result_of(b), num(1), num(0), num(0), num(0), number_of(other)}));
  };
  run_all(datagrams(true), {at(bytes(query())), at(bytes(second)), at(list64({result_of(5), number_of(query())})),
                            at(list64({result_of(6), number_of(second)})), vector_of_two(7, query(), 8, second),
                            call(SYS_sendmmsg, {result_of(kAsker), result_of(9), num(2), num(0)}), serve(answer()),
                            at(buffer(500)), at(list64({result_of(12), num(500)})),
                            at(list64({num(0), num(0), result_of(13), num(1), num(0), num(0), num(0), num(0)})),
                            call(SYS_recvmmsg, {result_of(kAsker), result_of(14), num(1), num(0), num(0)})});
  ASSERT_EQ(result(10), 2);
  ASSERT_EQ(result(15), 1);
  Fields other = asked();
  other["dns.question.name"] = "other.example";
  other["dns.question.type"] = "AAAA";
  EXPECT_EQ(told_of(EventType::dns, 1), succeeded("sendmmsg", asked()));
  EXPECT_EQ(told_of(EventType::dns, 2), succeeded("sendmmsg", other));
  EXPECT_EQ(told_of(EventType::dns, 3), succeeded("recvmmsg", answered()));
}

// RFC 1035, 4.2.2: the length goes before; readers take it in a call of its own or not.
TEST_P(DnsTest, OverTcp) {
  const std::string framed = word(static_cast<unsigned>(query().size())) + query();
  const std::string reply = word(static_cast<unsigned>(answer().size())) + answer();
  run_all({call(SYS_socket, {num(AF_INET), num(SOCK_STREAM), num(0)}), on_address(SYS_bind, kServer, server()),
           call(SYS_socket, {num(AF_INET), num(SOCK_STREAM), num(0)}), call(SYS_listen, {result_of(kServer), num(1)}),
           on_address(SYS_connect, kAsker, server()), call(SYS_accept, {result_of(kServer), num(0), num(0)})},
          {call(SYS_write, {result_of(kAsker), bytes(framed), number_of(framed)}),
           call(SYS_write, {result_of(5), bytes(reply + reply), number_of(reply + reply)}),
           call(SYS_read, {result_of(kAsker), buffer(2), num(2)}),
           call(SYS_read, {result_of(kAsker), buffer(900), number_of(answer())}),
           call(SYS_read, {result_of(kAsker), buffer(900), num(900)})});
  ASSERT_EQ(result(10), static_cast<std::int64_t>(reply.size()));
  EXPECT_EQ(told_of(EventType::dns, 1), succeeded("write", asked("tcp")));
  EXPECT_EQ(told_of(EventType::dns, 2), succeeded("read", answered("tcp")));
  EXPECT_EQ(told_of(EventType::dns, 3), succeeded("read", answered("tcp")));
  EXPECT_EQ(count(EventType::dns), 3U);  // the two bytes of a length alone are nothing
}

TEST_P(DnsTest, InPieces) {
  const std::string text = query();
  run_all(datagrams(true),
          {at(bytes(text.substr(0, 12))), at(bytes(text.substr(12))),
           at(list64({result_of(5), num(12), result_of(6), num(static_cast<std::int64_t>(text.size()) - 12)})),
           call(SYS_writev, {result_of(kAsker), result_of(7), num(2)})});
  ASSERT_EQ(result(8), static_cast<std::int64_t>(text.size()));
  EXPECT_EQ(told_of(EventType::dns), succeeded("writev", asked()));
}

TEST_P(DnsTest, WhatCouldNotBeSentWasAskedAllTheSame) {
  const std::string nowhere = address4("192.0.2.1", kPort);
  run_all(datagrams(false), {call(SYS_sendto, {result_of(kAsker), bytes(query()), number_of(query()), num(0),
                                               bytes(nowhere), number_of(nowhere)})});
  ASSERT_LT(result(4), 0);
  Fields expected = asked();
  expected["destination.ip"] = "192.0.2.1";
  EXPECT_EQ(told_of(EventType::dns), failed("sendto", ::strerrorname_np(static_cast<int>(-result(4))), expected));
}

TEST_P(DnsTest, OtherPortsAndFilesAreNotTold) {
  const std::string elsewhere = address4("127.0.0.1", 5353);
  run_all(datagrams(false), {call(SYS_sendto, {result_of(kAsker), bytes(query()), number_of(query()), num(0),
                                               bytes(elsewhere), number_of(elsewhere)}),
                             call(SYS_write, {num(1), text("no socket, and no line\n"), num(0)}),
                             call(SYS_memfd_create, {text("file"), num(0)}),
                             call(SYS_write, {result_of(6), bytes(query()), number_of(query())})});
  EXPECT_EQ(count(EventType::dns), 0U);
}

// Longer than what is copied: the question is whole, and so are the answers that were copied.
TEST_P(DnsTest, ALongAnswerIsCut) {
  std::string records;
  for (int i = 0; i < 60; ++i) {
    records += dns_record(1, std::string("\x0a\x00\x00", 3) + static_cast<char>(i));
  }
  const std::string reply = dns_answer("secret.example.com", 16, 0, 60, records);
  run_all(datagrams(true),
          {serve(reply), call(SYS_recvfrom, {result_of(kAsker), buffer(2000), num(2000), num(0), num(0), num(0)})});
  ASSERT_EQ(result(6), static_cast<std::int64_t>(reply.size()));
  const Fields fields = told_of(EventType::dns);
  EXPECT_EQ(fields.at("dns.question.name"), "secret.example.com");
  constexpr std::size_t kCopied = 512;  // DNS_BYTES of bpf/lib/dns.bpf.h
  const std::string& data = fields.at("dns.answers.data");
  EXPECT_EQ(std::count(data.begin(), data.end(), ' ') + 1,
            static_cast<std::ptrdiff_t>((kCopied - dns_query("secret.example.com", 16).size()) /
                                        dns_record(1, "1234").size()));
  const Record* found = record(EventType::dns);
  EXPECT_EQ(found->string(found->as<bongsu_dns>().message), reply.substr(0, kCopied));
}

#if defined(__x86_64__)
// arch/x86/entry/syscalls/syscall_32.tbl
constexpr int kSendto32 = 369;
constexpr int kRecvfrom32 = 371;
constexpr int kSendmsg32 = 370;
constexpr int kSocketcall32 = 102;
enum Subcall : std::uint8_t { sys_send = 9, sys_recvfrom = 12, sys_sendmsg = 16 };  // include/uapi/linux/net.h

TEST_P(DnsTest, By32BitCalls) {
  run_all(
      datagrams(true),
      {call32(kSendto32, {result_of(kAsker), bytes(query()), number_of(query()), num(0), num(0)}), serve(answer()),
       call32(kRecvfrom32, {result_of(kAsker), buffer(900), num(900), num(0), num(0)}), at(bytes(query())),
       at(list32({result_of(8), number_of(query())})),
       at(list32({num(0), num(0), result_of(9), num(1), num(0), num(0), num(0)})),
       call32(kSendmsg32, {result_of(kAsker), result_of(10), num(0)}),
       call32(kSocketcall32, {num(sys_send), list32({result_of(kAsker), result_of(8), number_of(query()), num(0)})}),
       call32(kSocketcall32, {num(sys_sendmsg), list32({result_of(kAsker), result_of(10), num(0)})}), serve(answer()),
       at(buffer(900)),
       call32(kSocketcall32,
              {num(sys_recvfrom), list32({result_of(kAsker), result_of(15), num(900), num(0), num(0), num(0)})})});
  ASSERT_EQ(result(16), static_cast<std::int64_t>(answer().size()));
  EXPECT_EQ(told_of(EventType::dns, 1), succeeded("sendto", asked(), "i386"));
  EXPECT_EQ(told_of(EventType::dns, 2), succeeded("recvfrom", answered(), "i386"));
  EXPECT_EQ(told_of(EventType::dns, 3), succeeded("sendmsg", asked(), "i386"));
  EXPECT_EQ(told_of(EventType::dns, 4), succeeded("socketcall", asked(), "i386"));
  EXPECT_EQ(told_of(EventType::dns, 5), succeeded("socketcall", asked(), "i386"));
  EXPECT_EQ(told_of(EventType::dns, 6), succeeded("socketcall", answered(), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
