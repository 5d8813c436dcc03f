// SPDX-License-Identifier: Apache-2.0
//
// Finds a container's OCI bundle by its id where engines keep them, and reads it. The places are a table in
// bundle_reader.cpp. A bundle is written before its container's first process is made, most of them into memory
// (tmpfs): so it is there at the first event, and read in well under a millisecond.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/container_facts.h"
#include "identity/plain_file.h"

namespace bongsu {

class BundleReader final : public ContainerReader {
 public:
  // `root` is where the host's root is; the directories, which come first, are not below it: each has a folder for a
  // container, named by its id, that holds the bundle (config.json, or userdata/config.json), or Docker's notes
  // (config.v2.json).
  BundleReader(std::filesystem::path root, std::vector<std::string> directories);

  [[nodiscard]] std::optional<ContainerFacts> read(std::string_view id, std::string_view runtime) override;
  [[nodiscard]] Counters counters() const override { return counters_; }

 private:
  // What a place answered: nothing to be had there, or the facts, or that what is there is no good.
  enum class Answer : std::uint8_t { nothing, facts, malformed };

  Answer look(std::string_view id, std::string_view runtime, ContainerFacts& facts);
  Answer look_in_directories(std::string_view id, std::string_view runtime, ContainerFacts& facts);
  Answer look_in_containerd(std::string_view id, std::string_view runtime, ContainerFacts& facts);
  Answer look_in_storage(std::string_view id, std::string_view runtime, ContainerFacts& facts);
  Answer look_at_runc(std::string_view id, std::string_view runtime, ContainerFacts& facts);
  Answer look_at_docker(std::string_view id, ContainerFacts& facts);
  [[nodiscard]] bool got(FileAnswer answer);
  [[nodiscard]] Answer parse(FileAnswer answer, std::string_view runtime, ContainerFacts& facts);
  void complete(std::string_view id, ContainerFacts& facts);
  [[nodiscard]] std::filesystem::path below_root(std::string_view path) const;

  std::filesystem::path root_;
  std::vector<std::string> directories_;
  std::string text_;      // of the file that is being read
  bool refused_ = false;  // of the container that is being looked for: a file that was not read
  Counters counters_;
};

}  // namespace bongsu
