// SPDX-License-Identifier: Apache-2.0
//
// The service account's token. The kubelet writes a new one long before the old one ends, so the file is looked at each
// time and read again when it is another.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace bongsu {

// Whether a file is the one it was: none of what a write or a rename changes has changed.
struct FileMark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size_bytes = -1;  // -1: there is none
  std::int64_t changed_ns = 0;

  [[nodiscard]] static FileMark of(const struct stat& found);
  [[nodiscard]] static FileMark at(const std::string& path);
  friend bool operator==(const FileMark&, const FileMark&) = default;
};

// One thread.
class TokenFile {
 public:
  explicit TokenFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Result<std::string> token();
  // It was refused: the next call reads the file whatever it looks like.
  void forget() { mark_ = {}; }

 private:
  const std::string path_;
  FileMark mark_;
  std::string token_;
};

}  // namespace bongsu
