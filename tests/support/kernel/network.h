// SPDX-License-Identifier: Apache-2.0
//
// A network that nobody else uses, and addresses as the system calls take them.
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "support/kernel/calls.h"

namespace bongsu::test {

// In a child, before its exec: a network namespace of its own with the loopback device up.
inline void own_network() {
  must(::unshare(CLONE_NEWNET) == 0, "unshare the network");
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  must(fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0, "bring up the loopback device");
  ::close(fd);
}

template <typename Address>
std::string raw_bytes(const Address& address, std::size_t size = sizeof(Address)) {
  return {reinterpret_cast<const char*>(&address), size};
}

inline std::string address4(const char* ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, ip, &address.sin_addr);
  return raw_bytes(address);
}

inline std::string address6(const char* ip, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  ::inet_pton(AF_INET6, ip, &address.sin6_addr);
  return raw_bytes(address);
}

// A path with its NUL; an abstract name begins with a NUL and has none at its end.
inline std::string address_unix(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return raw_bytes(address, offsetof(sockaddr_un, sun_path) + path.size() + (path.starts_with('\0') ? 0 : 1));
}

}  // namespace bongsu::test
