// SPDX-License-Identifier: Apache-2.0
//
// A directory that stands for /proc, /sys or /: files and links are put in, all of it goes at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bongsu::test {

class FakeRoot {
 public:
  FakeRoot() {
    std::string path = std::filesystem::temp_directory_path() / "bongsu-root-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
      throw std::runtime_error("cannot make " + path);
    }
    path_ = std::filesystem::canonical(path);
  }
  ~FakeRoot() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // NOLINTNEXTLINE(modernize-use-nodiscard): most want the file, not its path
  std::filesystem::path file(const std::string& name, std::string_view text) const {
    const std::filesystem::path path =
        directory(std::filesystem::path(name).parent_path()) / std::filesystem::path(name).filename();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  // NOLINTNEXTLINE(modernize-use-nodiscard): as above
  std::filesystem::path directory(const std::string& name) const {
    std::filesystem::create_directories(path_ / name);
    return path_ / name;
  }
  void link(const std::string& name, const std::string& target) const {
    directory(std::filesystem::path(name).parent_path());
    std::filesystem::create_symlink(target, path_ / name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace bongsu::test
