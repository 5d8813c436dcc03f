// SPDX-License-Identifier: Apache-2.0
//
// A certificate authority and what it signs, made by the openssl program in a folder that goes when the owner goes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace bongsu {

class TestAuthority {
 public:
  TestAuthority() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-tls-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      ADD_FAILURE() << "no folder for certificates";
      return;
    }
    folder_ = pattern;
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-ca "
        "-keyout ca.key -out ca.pem");
  }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority() { std::filesystem::remove_all(folder_); }

  // NAME.pem and NAME.key; `subject` as in "DNS:localhost,IP:127.0.0.1".
  void sign(const std::string& name, const std::string& subject) const {
    std::ofstream(folder_ / (name + ".ext")) << "subjectAltName=" << subject << "\n";
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name + " -keyout " + name +
        ".key -out " + name + ".csr");
    run("openssl x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile " + name + ".ext -in " + name +
        ".csr -out " + name + ".pem");
  }

  // The key of NAME as NAME.locked, with a password.
  void lock_key(const std::string& name) const {
    run("openssl ec -in " + name + ".key -aes256 -passout pass:secret -out " + name + ".locked");
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  void run(const std::string& command) const {
    const std::string line = "cd '" + folder_.string() + "' && " + command + " >log 2>&1 || { cat log; exit 1; }";
    // NOLINTNEXTLINE(bugprone-command-processor): commands of the test's own, and the shell's redirections
    EXPECT_EQ(std::system(line.c_str()), 0) << command;
  }

  std::filesystem::path folder_;
};

}  // namespace bongsu
