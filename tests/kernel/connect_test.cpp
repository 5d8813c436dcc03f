// SPDX-License-Identifier: Apache-2.0
//
// connect: who is reached, as the kernel has it.
#include <sys/syscall.h>

#include <set>

#include "support/kernel/network.h"

namespace bongsu::test {
namespace {

class ConnectTest : public CallsTest {
 protected:
  static constexpr std::uint16_t kServer = 7001;
  static constexpr std::uint16_t kClient = 7002;
  static std::string socket(int family, int type) { return call(SYS_socket, {num(family), num(type), num(0)}); }
  static std::string with_address(int number, int step, const std::string& address) {
    return call(number, {result_of(step), bytes(address), num(static_cast<std::int64_t>(address.size()))});
  }
  static std::string connect(int step, const std::string& address) { return with_address(SYS_connect, step, address); }
  static std::string bind(int step, const std::string& address) { return with_address(SYS_bind, step, address); }
  static std::string listen(int step) { return call(SYS_listen, {result_of(step), num(4)}); }
  [[nodiscard]] std::string fd(std::size_t step) const { return std::to_string(result(step)); }
};
BONGSU_BOTH_TRANSPORTS(ConnectTest);

TEST_P(ConnectTest, Tcp) {
  run({EventType::connect},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("127.0.0.1", kServer)), listen(0), socket(AF_INET, SOCK_STREAM),
       bind(3, address4("127.0.0.2", kClient)), connect(3, address4("127.0.0.1", kServer))},
      own_network);
  ASSERT_EQ(result(5), 0);
  EXPECT_EQ(told_of(EventType::connect), succeeded("connect", {{"socket.family", "AF_INET"},
                                                               {"socket.type", "SOCK_STREAM"},
                                                               {"network.transport", "tcp"},
                                                               {"network.type", "ipv4"},
                                                               {"source.ip", "127.0.0.2"},
                                                               {"source.port", "7002"},
                                                               {"destination.ip", "127.0.0.1"},
                                                               {"destination.port", "7001"},
                                                               {"file.descriptor", fd(3)}}));
  EXPECT_EQ(count(EventType::connect), 1U);
}

TEST_P(ConnectTest, ThatHasOnlyBegunHasTheKernelsAddresses) {
  run({EventType::connect},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("127.0.0.1", kServer)), listen(0),
       socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), bind(3, address4("127.0.0.2", kClient)),
       connect(3, address4("127.0.0.1", kServer))},
      own_network);
  ASSERT_EQ(result(5), -EINPROGRESS);
  EXPECT_EQ(told_of(EventType::connect), failed("connect", "EINPROGRESS",
                                                {{"socket.family", "AF_INET"},
                                                 {"socket.type", "SOCK_STREAM"},
                                                 {"network.transport", "tcp"},
                                                 {"network.type", "ipv4"},
                                                 {"source.ip", "127.0.0.2"},
                                                 {"source.port", "7002"},
                                                 {"destination.ip", "127.0.0.1"},
                                                 {"destination.port", "7001"},
                                                 {"file.descriptor", fd(3)}}));
}

TEST_P(ConnectTest, OverIpv6) {
  run({EventType::connect},
      {socket(AF_INET6, SOCK_STREAM), bind(0, address6("::1", kServer)), listen(0), socket(AF_INET6, SOCK_STREAM),
       bind(3, address6("::1", kClient)), connect(3, address6("::1", kServer))},
      own_network);
  ASSERT_EQ(result(5), 0);
  EXPECT_EQ(told_of(EventType::connect), succeeded("connect", {{"socket.family", "AF_INET6"},
                                                               {"socket.type", "SOCK_STREAM"},
                                                               {"network.transport", "tcp"},
                                                               {"network.type", "ipv6"},
                                                               {"source.ip", "::1"},
                                                               {"source.port", "7002"},
                                                               {"destination.ip", "::1"},
                                                               {"destination.port", "7001"},
                                                               {"file.descriptor", fd(3)}}));
}

// An attacker would use it to pass a rule about 169.254.169.254.
TEST_P(ConnectTest, ToIpv4InTheClothesOfIpv6) {
  run({EventType::connect},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("127.0.0.1", kServer)), listen(0), socket(AF_INET6, SOCK_STREAM),
       bind(3, address6("::ffff:127.0.0.2", kClient)), connect(3, address6("::ffff:127.0.0.1", kServer))},
      own_network);
  ASSERT_EQ(result(5), 0);
  EXPECT_EQ(told_of(EventType::connect), succeeded("connect", {{"socket.family", "AF_INET6"},
                                                               {"socket.type", "SOCK_STREAM"},
                                                               {"network.transport", "tcp"},
                                                               {"network.type", "ipv4"},
                                                               {"source.ip", "127.0.0.2"},
                                                               {"source.port", "7002"},
                                                               {"destination.ip", "127.0.0.1"},
                                                               {"destination.port", "7001"},
                                                               {"file.descriptor", fd(3)}}));
}

TEST_P(ConnectTest, OfADatagramSocketAndItsEnd) {
  run({EventType::connect},
      {socket(AF_INET, SOCK_DGRAM), bind(0, address4("127.0.0.2", kClient)), connect(0, address4("127.0.0.1", kServer)),
       connect(0, std::string(sizeof(sockaddr_in), '\0'))},
      own_network);
  ASSERT_EQ(result(3), 0);
  const Fields socket = {{"socket.type", "SOCK_DGRAM"}, {"network.transport", "udp"}, {"network.type", "ipv4"},
                         {"source.ip", "127.0.0.2"},    {"source.port", "7002"},      {"file.descriptor", fd(0)}};
  Fields made = socket;
  made.insert({{"socket.family", "AF_INET"}, {"destination.ip", "127.0.0.1"}, {"destination.port", "7001"}});
  Fields ended = socket;
  ended.emplace("socket.family", "AF_UNSPEC");
  EXPECT_EQ(told_of(EventType::connect, 1), succeeded("connect", made));
  EXPECT_EQ(told_of(EventType::connect, 2), succeeded("connect", ended));
}

TEST_P(ConnectTest, ThatIsRefusedTellsTheArgument) {
  run({EventType::connect}, {socket(AF_INET, SOCK_STREAM), connect(0, address4("127.0.0.1", kServer))}, own_network);
  ASSERT_EQ(result(1), -ECONNREFUSED);
  Fields all = told_of(EventType::connect);
  all.erase("source.ip");  // the kernel's choice of the attempt
  all.erase("source.port");
  EXPECT_EQ(all, untrusted(failed("connect", "ECONNREFUSED",
                                  {{"socket.family", "AF_INET"},
                                   {"socket.type", "SOCK_STREAM"},
                                   {"network.transport", "tcp"},
                                   {"network.type", "ipv4"},
                                   {"destination.ip", "127.0.0.1"},
                                   {"destination.port", "7001"},
                                   {"file.descriptor", fd(0)}})));
}

TEST_P(ConnectTest, OnWhatIsNoSocket) {
  run({EventType::connect},
      {call(SYS_connect, {num(77), bytes(address6("2001:db8::7", 99)), num(sizeof(sockaddr_in6))})});
  EXPECT_EQ(told_of(EventType::connect), untrusted(failed("connect", "EBADF",
                                                          {{"network.type", "ipv6"},
                                                           {"destination.ip", "2001:db8::7"},
                                                           {"destination.port", "99"},
                                                           {"file.descriptor", "77"}})));
}

TEST_P(ConnectTest, ToAUnixSocketByPathAndByAbstractName) {
  const std::string path = in("listener");
  const std::string abstract("\0bongsu test", 12);
  run({EventType::connect},
      {socket(AF_UNIX, SOCK_STREAM), bind(0, address_unix(path)), listen(0), socket(AF_UNIX, SOCK_STREAM),
       connect(3, address_unix(path)), socket(AF_UNIX, SOCK_DGRAM), bind(5, address_unix(abstract)),
       socket(AF_UNIX, SOCK_DGRAM), connect(7, address_unix(abstract)), socket(AF_UNIX, SOCK_STREAM),
       connect(9, address_unix(in("absent")))},
      own_network);
  EXPECT_EQ(told_of(EventType::connect, 1), succeeded("connect", {{"socket.family", "AF_UNIX"},
                                                                  {"socket.type", "SOCK_STREAM"},
                                                                  {"socket.path", path},
                                                                  {"file.descriptor", fd(3)}}));
  EXPECT_EQ(told_of(EventType::connect, 2), succeeded("connect", {{"socket.family", "AF_UNIX"},
                                                                  {"socket.type", "SOCK_DGRAM"},
                                                                  {"socket.path", "@bongsu test"},
                                                                  {"file.descriptor", fd(7)}}));
  EXPECT_EQ(told_of(EventType::connect, 3), untrusted(failed("connect", "ENOENT",
                                                             {{"socket.family", "AF_UNIX"},
                                                              {"socket.type", "SOCK_STREAM"},
                                                              {"socket.path", in("absent")},
                                                              {"file.descriptor", fd(9)}})));
}

// Another thread swaps the port in the address while it is used: what is told is where it went, each time.
TEST_P(ConnectTest, WhileAnotherThreadRewritesTheAddress) {
  open({EventType::connect});
  Child child({.args = {trigger("connect_race"), "300"}, .before_exec = own_network});
  std::vector<std::string> reached;
  for (std::string line = child.line(); line != "end"; line = child.line()) {
    ASSERT_FALSE(line.empty());
    reached.push_back(line);
  }
  ASSERT_GE(reached.size(), 300U);
  ASSERT_GT(std::set<std::string>(reached.begin(), reached.end()).size(), 1U) << "it was no race";
  ASSERT_NE(wait_for(EventType::connect, child.pid(), reached.size()), nullptr);
  const std::vector<const Record*> connects = all(EventType::connect, child.pid());
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const Fields fields = told(*connects[i]);
    EXPECT_EQ(fields.at("destination.port"), reached[i]) << i;
    EXPECT_FALSE(fields.contains("event.untrusted_argument"));
  }
}

#if defined(__x86_64__)
constexpr int kConnect32 = 362;  // arch/x86/entry/syscalls/syscall_32.tbl
constexpr int kSocketcall32 = 102;
constexpr int kSysConnect = 3;  // SYS_CONNECT, include/uapi/linux/net.h

TEST_P(ConnectTest, By32BitCalls) {
  const std::string server = address4("127.0.0.1", kServer);
  const auto length = num(static_cast<std::int64_t>(server.size()));
  run({EventType::connect},
      {socket(AF_INET, SOCK_DGRAM), bind(0, address4("127.0.0.2", kClient)),
       call32(kConnect32, {result_of(0), bytes(server), length}), at(bytes(server)),
       call32(kSocketcall32, {num(kSysConnect), list32({result_of(0), result_of(3), length})}),
       call32(kSocketcall32, {num(kSysConnect), list32({num(-1), result_of(3), length})})},
      own_network);
  const Fields fields = {{"socket.family", "AF_INET"},    {"socket.type", "SOCK_DGRAM"}, {"network.transport", "udp"},
                         {"network.type", "ipv4"},        {"source.ip", "127.0.0.2"},    {"source.port", "7002"},
                         {"destination.ip", "127.0.0.1"}, {"destination.port", "7001"},  {"file.descriptor", fd(0)}};
  ASSERT_EQ(result(4), 0);
  EXPECT_EQ(told_of(EventType::connect, 1), succeeded("connect", fields, "i386"));
  EXPECT_EQ(told_of(EventType::connect, 2), untrusted(succeeded("socketcall", fields, "i386")));
  EXPECT_EQ(told_of(EventType::connect, 3), untrusted(failed("socketcall", "EBADF",
                                                             {{"network.type", "ipv4"},
                                                              {"destination.ip", "127.0.0.1"},
                                                              {"destination.port", "7001"},
                                                              {"file.descriptor", "-1"}},
                                                             "i386")));
}
#endif

}  // namespace
}  // namespace bongsu::test
