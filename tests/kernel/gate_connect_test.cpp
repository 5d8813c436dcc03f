// SPDX-License-Identifier: Apache-2.0
//
// Gates: of two connects that differ in one trait, one is told.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/kernel/child.h"
#include "support/kernel/gate_test.h"

namespace bongsu::test {
namespace {

class ConnectGateTest : public GateTest {
 protected:
  static void connect_to(int family, const char* address, std::uint16_t port) {
    sockaddr_storage to{};
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&to);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&to);
    to.ss_family = static_cast<sa_family_t>(family);
    v4->sin_port = htons(port);  // at the same place in both
    void* const bytes = family == AF_INET ? static_cast<void*>(&v4->sin_addr) : &v6->sin6_addr;
    must(::inet_pton(family, address, bytes) == 1, "inet_pton");
    const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // Whether there is a way to it or not.
    [[maybe_unused]] const int connected =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&to), family == AF_INET ? sizeof(*v4) : sizeof(*v6));
    ::close(fd);
  }
  [[nodiscard]] std::vector<std::int64_t> ports() const {
    std::vector<std::int64_t> found;
    for (const Record* record : told()) {
      found.push_back(record->as<bongsu_connect>().destination_port);
    }
    return found;
  }
};
BONGSU_BOTH_TRANSPORTS(ConnectGateTest);

TEST_P(ConnectGateTest, ThePort) {
  run(
      only_value(EventType::connect, BONGSU_TRAIT_PORT, 4444), 3,
      [](int step) { connect_to(AF_INET, "127.0.0.1", static_cast<std::uint16_t>(4443 + step)); }, EventType::connect);
  EXPECT_EQ(ports(), std::vector<std::int64_t>{4444});
  EXPECT_GE(left_out(), 2U);
}

TEST_P(ConnectGateTest, TheClassOfTheAddress) {
  bongsu_gate gate = open_gate();
  gate.address[BONGSU_ADDRESS_IPV4_LOOPBACK] = 0;
  gate.address[BONGSU_ADDRESS_IPV6_LOOPBACK] = 0;
  run(
      only(EventType::connect, gate), 3,
      [](int step) {
        if (step == 2) {
          connect_to(AF_INET6, "::ffff:127.0.0.1", 3);
        } else {
          connect_to(step == 0 ? AF_INET : AF_INET6, step == 0 ? "127.1.2.3" : "::1",
                     static_cast<std::uint16_t>(step + 1));
        }
      },
      EventType::connect);
  EXPECT_EQ(ports(), std::vector<std::int64_t>{3}) << "one that is mapped counts as another";
}

TEST_P(ConnectGateTest, TheFamily) {
  bongsu_gate gate = open_gate();
  gate.family[BONGSU_FAMILY_INET] = 0;
  run(
      only(EventType::connect, gate), 2,
      [](int step) { connect_to(step == 0 ? AF_INET : AF_INET6, step == 0 ? "127.0.0.1" : "::1", 9); },
      EventType::connect);
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0]->as<bongsu_connect>().family, static_cast<unsigned>(AF_INET6));
}

}  // namespace
}  // namespace bongsu::test
