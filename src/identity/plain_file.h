// SPDX-License-Identifier: Apache-2.0
//
// Reads a file below a directory without being led astray: no link is followed below it, nothing but a plain file is
// read, nothing waits, and no more is read than was allowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

enum class FileAnswer : std::uint8_t {
  read,
  missing,  // the file, or a directory on the way to it
  refused   // a link, no plain file, larger than allowed, or not permitted
};

// `names` lead from `directory`, which itself may be a link, to the file; each is one component.
[[nodiscard]] FileAnswer read_plain_file(const std::filesystem::path& directory,
                                         std::initializer_list<std::string_view> names, std::size_t max_bytes,
                                         std::string& out);

// `path` is absolute; no link is followed on all of the way.
[[nodiscard]] FileAnswer read_plain_file(const std::filesystem::path& root, const std::filesystem::path& path,
                                         std::size_t max_bytes, std::string& out);

// The names of a directory's folders, at most so many, in no order; none when it cannot be read.
[[nodiscard]] std::vector<std::string> folders_in(const std::filesystem::path& directory, std::size_t max);

}  // namespace bongsu
