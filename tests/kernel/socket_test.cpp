// SPDX-License-Identifier: Apache-2.0
//
// socket, bind, listen and accept.
#include <linux/netlink.h>
#include <sys/syscall.h>

#include "support/kernel/network.h"

namespace bongsu::test {
namespace {

class SocketTest : public CallsTest {
 protected:
  static constexpr std::uint16_t kServer = 7001;
  static constexpr std::uint16_t kClient = 7002;
  static std::string socket(int family, int type, int protocol = 0) {
    return call(SYS_socket, {num(family), num(type), num(protocol)});
  }
  static std::string with_address(int number, int step, const std::string& address) {
    return call(number, {result_of(step), bytes(address), num(static_cast<std::int64_t>(address.size()))});
  }
  static std::string connect(int step, const std::string& address) { return with_address(SYS_connect, step, address); }
  static std::string bind(int step, const std::string& address) { return with_address(SYS_bind, step, address); }
  static std::string listen(int step) { return call(SYS_listen, {result_of(step), num(4)}); }
  [[nodiscard]] std::string fd(std::size_t step) const { return std::to_string(result(step)); }
};
BONGSU_BOTH_TRANSPORTS(SocketTest);

TEST_P(SocketTest, OrdinaryOnesAreNotTold) {
  run({EventType::socket}, {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC), socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK),
                            socket(AF_UNIX, SOCK_STREAM), socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)});
  EXPECT_EQ(count(EventType::socket), 0U);
}

TEST_P(SocketTest, RawAndPacketSockets) {
  constexpr int kAllProtocols = 0x0003;  // ETH_P_ALL
  run({EventType::socket},
      {socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP), socket(AF_INET6, SOCK_RAW, IPPROTO_RAW),
       socket(AF_PACKET, SOCK_RAW, htons(kAllProtocols)), socket(AF_PACKET, SOCK_DGRAM, 0)});
  EXPECT_EQ(told_of(EventType::socket, 1), succeeded("socket", {{"socket.family", "AF_INET"},
                                                                {"socket.type", "SOCK_RAW"},
                                                                {"socket.protocol", "1"},
                                                                {"file.descriptor", fd(0)}}));
  EXPECT_EQ(told_of(EventType::socket, 2), succeeded("socket", {{"socket.family", "AF_INET6"},
                                                                {"socket.type", "SOCK_RAW"},
                                                                {"socket.protocol", "255"},
                                                                {"file.descriptor", fd(1)}}));
  EXPECT_EQ(told_of(EventType::socket, 3), succeeded("socket", {{"socket.family", "AF_PACKET"},
                                                                {"socket.type", "SOCK_RAW"},
                                                                {"socket.protocol", "3"},
                                                                {"file.descriptor", fd(2)}}));
  EXPECT_EQ(told_of(EventType::socket, 4), succeeded("socket", {{"socket.family", "AF_PACKET"},
                                                                {"socket.type", "SOCK_DGRAM"},
                                                                {"socket.protocol", "0"},
                                                                {"file.descriptor", fd(3)}}));
}

// Whether the kernel has the family does not matter: what it said is told.
TEST_P(SocketTest, FamiliesThatReachTheKernelsInside) {
  run({EventType::socket}, {socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT), socket(AF_ALG, SOCK_SEQPACKET),
                            socket(AF_VSOCK, SOCK_STREAM), socket(AF_TIPC, SOCK_RDM)});
  const std::array<Fields, 4> asked = {
      Fields{{"socket.family", "AF_NETLINK"}, {"socket.type", "SOCK_RAW"}, {"socket.protocol", "15"}},
      Fields{{"socket.family", "AF_ALG"}, {"socket.type", "SOCK_SEQPACKET"}, {"socket.protocol", "0"}},
      Fields{{"socket.family", "AF_VSOCK"}, {"socket.type", "SOCK_STREAM"}, {"socket.protocol", "0"}},
      Fields{{"socket.family", "AF_TIPC"}, {"socket.type", "SOCK_RDM"}, {"socket.protocol", "0"}}};
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Fields expected = asked[i];
    expected.emplace("file.descriptor", result(i) < 0 ? "-1" : fd(i));
    EXPECT_EQ(told_of(EventType::socket, i + 1),
              result(i) < 0 ? failed("socket", ::strerrorname_np(static_cast<int>(-result(i))), expected)
                            : succeeded("socket", expected))
        << i;
  }
}

TEST_P(SocketTest, ThatIsRefused) {
  run({EventType::socket}, {socket(AF_INET, SOCK_RAW, -1)});
  ASSERT_EQ(result(0), -EINVAL);
  EXPECT_EQ(told_of(EventType::socket), failed("socket", "EINVAL",
                                               {{"socket.family", "AF_INET"},
                                                {"socket.type", "SOCK_RAW"},
                                                {"socket.protocol", "4294967295"},
                                                {"file.descriptor", "-1"}}));
}

TEST_P(SocketTest, BindTellsWhatTheKernelBound) {
  const std::string path = in("bound");
  run({EventType::bind},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("127.0.0.1", kServer)), socket(AF_INET6, SOCK_DGRAM),
       bind(2, address6("::", kServer)), socket(AF_UNIX, SOCK_DGRAM), bind(4, address_unix(path)),
       socket(AF_UNIX, SOCK_SEQPACKET), bind(6, address_unix(std::string("\0a\0b", 4)))},
      own_network);
  EXPECT_EQ(told_of(EventType::bind, 1), succeeded("bind", {{"socket.family", "AF_INET"},
                                                            {"socket.type", "SOCK_STREAM"},
                                                            {"network.transport", "tcp"},
                                                            {"network.type", "ipv4"},
                                                            {"source.ip", "127.0.0.1"},
                                                            {"source.port", "7001"},
                                                            {"file.descriptor", fd(0)}}));
  EXPECT_EQ(told_of(EventType::bind, 2), succeeded("bind", {{"socket.family", "AF_INET6"},
                                                            {"socket.type", "SOCK_DGRAM"},
                                                            {"network.transport", "udp"},
                                                            {"network.type", "ipv6"},
                                                            {"source.ip", "::"},
                                                            {"source.port", "7001"},
                                                            {"file.descriptor", fd(2)}}));
  EXPECT_EQ(told_of(EventType::bind, 3), succeeded("bind", {{"socket.family", "AF_UNIX"},
                                                            {"socket.type", "SOCK_DGRAM"},
                                                            {"socket.path", path},
                                                            {"file.descriptor", fd(4)}}));
  EXPECT_EQ(told_of(EventType::bind, 4), succeeded("bind", {{"socket.family", "AF_UNIX"},
                                                            {"socket.type", "SOCK_SEQPACKET"},
                                                            {"socket.path", std::string("@a\0b", 4)},
                                                            {"file.descriptor", fd(6)}}));
}

// Port 0: the kernel chooses, and the argument does not tell.
TEST_P(SocketTest, BindToAPortOfTheKernelsChoice) {
  run({EventType::bind, EventType::listen},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("127.0.0.1", 0)), listen(0)}, own_network);
  const std::string port = told_of(EventType::listen).at("source.port");
  EXPECT_NE(port, "0");
  EXPECT_EQ(told_of(EventType::bind).at("source.port"), port);
}

TEST_P(SocketTest, BindThatFailsTellsTheArgument) {
  run({EventType::bind},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("192.0.2.1", kServer)), socket(AF_UNIX, SOCK_DGRAM),
       bind(2, address_unix(in("no/such/folder")))},
      own_network);
  EXPECT_EQ(told_of(EventType::bind, 1), untrusted(failed("bind", "EADDRNOTAVAIL",
                                                          {{"socket.family", "AF_INET"},
                                                           {"socket.type", "SOCK_STREAM"},
                                                           {"network.transport", "tcp"},
                                                           {"network.type", "ipv4"},
                                                           {"source.ip", "192.0.2.1"},
                                                           {"source.port", "7001"},
                                                           {"file.descriptor", fd(0)}})));
  EXPECT_EQ(told_of(EventType::bind, 2), untrusted(failed("bind", "ENOENT",
                                                          {{"socket.family", "AF_UNIX"},
                                                           {"socket.type", "SOCK_DGRAM"},
                                                           {"socket.path", in("no/such/folder")},
                                                           {"file.descriptor", fd(2)}})));
}

TEST_P(SocketTest, Listen) {
  const std::string path = in("listener");
  run({EventType::listen},
      {socket(AF_INET, SOCK_STREAM), bind(0, address4("127.0.0.1", kServer)), listen(0), socket(AF_UNIX, SOCK_STREAM),
       bind(3, address_unix(path)), listen(3), call(SYS_listen, {num(77), num(3)})},
      own_network);
  EXPECT_EQ(told_of(EventType::listen, 1), succeeded("listen", {{"socket.family", "AF_INET"},
                                                                {"socket.type", "SOCK_STREAM"},
                                                                {"network.transport", "tcp"},
                                                                {"network.type", "ipv4"},
                                                                {"source.ip", "127.0.0.1"},
                                                                {"source.port", "7001"},
                                                                {"socket.backlog", "4"},
                                                                {"file.descriptor", fd(0)}}));
  EXPECT_EQ(told_of(EventType::listen, 2), succeeded("listen", {{"socket.family", "AF_UNIX"},
                                                                {"socket.type", "SOCK_STREAM"},
                                                                {"socket.path", path},
                                                                {"socket.backlog", "4"},
                                                                {"file.descriptor", fd(3)}}));
  EXPECT_EQ(told_of(EventType::listen, 3),
            failed("listen", "EBADF", {{"socket.backlog", "3"}, {"file.descriptor", "77"}}));
}

TEST_P(SocketTest, AcceptComesFromThePeer) {
  const std::string path = in("listener");
  const auto accept = [](int step) { return call(SYS_accept, {result_of(step), num(0), num(0)}); };
  const auto accept4 = [](int step, int flags) {
    return call(SYS_accept4, {result_of(step), num(0), num(0), num(flags)});
  };
  run({EventType::accept},
      {socket(AF_INET6, SOCK_STREAM), bind(0, address6("::", kServer)), listen(0), socket(AF_INET, SOCK_STREAM),
       bind(3, address4("127.0.0.2", kClient)), connect(3, address4("127.0.0.1", kServer)), accept4(0, SOCK_NONBLOCK),
       socket(AF_UNIX, SOCK_STREAM), bind(7, address_unix(path)), listen(7), socket(AF_UNIX, SOCK_STREAM),
       connect(10, address_unix(path)), accept(7), accept(3)},
      own_network);
  ASSERT_GE(result(6), 0);
  ASSERT_GE(result(12), 0);
  EXPECT_EQ(told_of(EventType::accept, 1), succeeded("accept4", {{"socket.family", "AF_INET6"},
                                                                 {"socket.type", "SOCK_STREAM"},
                                                                 {"network.transport", "tcp"},
                                                                 {"network.type", "ipv4"},
                                                                 {"source.ip", "127.0.0.2"},
                                                                 {"source.port", "7002"},
                                                                 {"destination.ip", "127.0.0.1"},
                                                                 {"destination.port", "7001"},
                                                                 {"file.descriptor", fd(6)}}));
  EXPECT_EQ(told_of(EventType::accept, 2), succeeded("accept", {{"socket.family", "AF_UNIX"},
                                                                {"socket.type", "SOCK_STREAM"},
                                                                {"socket.path", path},
                                                                {"file.descriptor", fd(12)}}));
  EXPECT_EQ(told_of(EventType::accept, 3), failed("accept", "EINVAL",
                                                  {{"socket.family", "AF_INET"},
                                                   {"socket.type", "SOCK_STREAM"},
                                                   {"network.transport", "tcp"},
                                                   {"network.type", "ipv4"},
                                                   {"destination.ip", "127.0.0.2"},
                                                   {"destination.port", "7002"},
                                                   {"file.descriptor", "-1"}}));
}

TEST_P(SocketTest, AcceptOfNothingIsNotTold) {
  run({EventType::accept},
      {socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), bind(0, address4("127.0.0.1", kServer)), listen(0),
       call(SYS_accept, {result_of(0), num(0), num(0)})},
      own_network);
  EXPECT_EQ(result(3), -EAGAIN);
  EXPECT_EQ(count(EventType::accept), 0U);
}

#if defined(__x86_64__)
// arch/x86/entry/syscalls/syscall_32.tbl
constexpr int kSocket32 = 359;
constexpr int kBind32 = 361;
constexpr int kListen32 = 363;
constexpr int kAccept32 = 364;
constexpr int kSocketcall32 = 102;
// include/uapi/linux/net.h
enum Subcall : std::uint8_t { sys_socket = 1, sys_bind = 2, sys_listen = 4, sys_accept = 5, sys_accept4 = 18 };

TEST_P(SocketTest, By32BitCalls) {
  const std::string address = address4("127.0.0.1", kServer);
  const auto length = num(static_cast<std::int64_t>(address.size()));
  run({EventType::socket, EventType::bind, EventType::listen, EventType::accept},
      {call32(kSocket32, {num(AF_INET), num(SOCK_RAW), num(IPPROTO_ICMP)}),
       call32(kSocket32, {num(AF_INET), num(SOCK_STREAM), num(0)}),
       call32(kBind32, {result_of(1), bytes(address), length}), call32(kListen32, {result_of(1), num(4)}),
       socket(AF_INET, SOCK_STREAM), bind(4, address4("127.0.0.2", kClient)), connect(4, address),
       call32(kAccept32, {result_of(1), num(0), num(0), num(0)})},
      own_network);
  const Fields own = {{"socket.family", "AF_INET"}, {"socket.type", "SOCK_STREAM"}, {"network.transport", "tcp"},
                      {"network.type", "ipv4"},     {"source.ip", "127.0.0.1"},     {"source.port", "7001"},
                      {"file.descriptor", fd(1)}};
  Fields listening = own;
  listening.emplace("socket.backlog", "4");
  EXPECT_EQ(told_of(EventType::socket), succeeded("socket",
                                                  {{"socket.family", "AF_INET"},
                                                   {"socket.type", "SOCK_RAW"},
                                                   {"socket.protocol", "1"},
                                                   {"file.descriptor", fd(0)}},
                                                  "i386"));
  EXPECT_EQ(told_of(EventType::bind, 1), succeeded("bind", own, "i386"));
  EXPECT_EQ(told_of(EventType::listen), succeeded("listen", listening, "i386"));
  EXPECT_EQ(told_of(EventType::accept), succeeded("accept4",
                                                  {{"socket.family", "AF_INET"},
                                                   {"socket.type", "SOCK_STREAM"},
                                                   {"network.transport", "tcp"},
                                                   {"network.type", "ipv4"},
                                                   {"source.ip", "127.0.0.2"},
                                                   {"source.port", "7002"},
                                                   {"destination.ip", "127.0.0.1"},
                                                   {"destination.port", "7001"},
                                                   {"file.descriptor", fd(7)}},
                                                  "i386"));
}

TEST_P(SocketTest, BySocketcall) {
  const std::string address = address4("127.0.0.1", kServer);
  const auto subcall = [](int number, const std::vector<std::string>& arguments) {
    return call32(kSocketcall32, {num(number), list32(arguments)});
  };
  run({EventType::socket, EventType::bind, EventType::listen, EventType::accept},
      {subcall(sys_socket, {num(AF_PACKET), num(SOCK_DGRAM), num(htons(3))}),
       subcall(sys_socket, {num(AF_INET), num(SOCK_STREAM), num(0)}), at(bytes(address)),
       subcall(sys_bind, {result_of(1), result_of(2), num(static_cast<std::int64_t>(address.size()))}),
       subcall(sys_listen, {result_of(1), num(4)}), socket(AF_INET, SOCK_STREAM), connect(5, address),
       subcall(sys_accept, {result_of(1), num(0), num(0)}), socket(AF_INET, SOCK_STREAM), connect(8, address),
       subcall(sys_accept4, {result_of(1), num(0), num(0), num(SOCK_CLOEXEC)})},
      own_network);
  const Fields own = {{"socket.family", "AF_INET"}, {"socket.type", "SOCK_STREAM"}, {"network.transport", "tcp"},
                      {"network.type", "ipv4"},     {"source.ip", "127.0.0.1"},     {"source.port", "7001"},
                      {"file.descriptor", fd(1)}};
  Fields listening = own;
  listening.emplace("socket.backlog", "4");
  EXPECT_EQ(told_of(EventType::socket), untrusted(succeeded("socketcall",
                                                            {{"socket.family", "AF_PACKET"},
                                                             {"socket.type", "SOCK_DGRAM"},
                                                             {"socket.protocol", "3"},
                                                             {"file.descriptor", fd(0)}},
                                                            "i386")));
  EXPECT_EQ(told_of(EventType::bind), untrusted(succeeded("socketcall", own, "i386")));
  EXPECT_EQ(told_of(EventType::listen), untrusted(succeeded("socketcall", listening, "i386")));
  for (std::size_t nth = 1; nth <= 2; ++nth) {
    const Fields accepted = told_of(EventType::accept, nth);
    EXPECT_EQ(accepted.at("file.descriptor"), fd(nth == 1 ? 7 : 10));
    EXPECT_EQ(accepted.at("source.ip"), "127.0.0.1");
    EXPECT_EQ(accepted.at("destination.port"), "7001");
    EXPECT_EQ(accepted.at("syscall.name"), "socketcall");
  }
  EXPECT_EQ(count(EventType::socket), 1U);  // the stream sockets are ordinary
}
#endif

}  // namespace
}  // namespace bongsu::test
