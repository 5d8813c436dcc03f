// SPDX-License-Identifier: Apache-2.0
//
// What is the same for every event of this host.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "wire/wire.h"

namespace bongsu {

struct HostFacts {
  std::string name;                                         // the node's in the cluster, where that is set
  std::int64_t wall_minus_boot_ns = 0;                      // CLOCK_REALTIME - CLOCK_BOOTTIME
  std::array<std::uint32_t, BONGSU_NS_COUNT> namespaces{};  // inode numbers; 0: not known
  std::string node_name;                                    // empty outside clusters
  bool pods_expected = false;                               // the API server is asked for this node's pods
};

}  // namespace bongsu
