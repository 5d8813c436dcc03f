// SPDX-License-Identifier: Apache-2.0
//
// What the files of a container's engine tell of it: the OCI bundle, and what Docker and Podman keep beside it. And who
// is asked for it. All texts are bounded and without control characters, whatever the files hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

struct ContainerFacts {
  static constexpr std::size_t kMaxText = 1024;  // bytes of each text; a longer one is left out
  static constexpr std::size_t kMaxHashes = 8;

  enum class Kind : std::uint8_t { workload, sandbox };
  Kind kind = Kind::workload;
  bool privileged = false;
  std::string runtime;  // containerd, cri-o, docker, podman; empty: not told
  std::string name;     // in a pod as its specification has it
  std::string image_name;
  std::string image_tag;
  std::vector<std::string> image_hashes;
  std::string pod_name;
  std::string pod_namespace;
  std::string pod_uid;
  std::string sandbox_id;

  friend bool operator==(const ContainerFacts&, const ContainerFacts&) = default;
};

// Asked when a container is first seen, on the thread that judges: what it reads lies in memory or near it.
class ContainerReader {
 public:
  struct Counters {
    std::uint64_t read = 0;
    std::uint64_t not_found = 0;  // no file of it, at each try
    std::uint64_t malformed = 0;  // a file that is not what it should be
    std::uint64_t refused = 0;    // a file that was not read: a link, no plain file, too large, not ours to read
  };

  virtual ~ContainerReader() = default;
  // `runtime` is what the cgroup's path told, if it did. Nothing when no file tells of it, or not yet.
  [[nodiscard]] virtual std::optional<ContainerFacts> read(std::string_view id, std::string_view runtime) = 0;
  [[nodiscard]] virtual Counters counters() const { return {}; }
};

}  // namespace bongsu
