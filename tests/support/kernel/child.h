// SPDX-License-Identifier: Apache-2.0
//
// A child process of a kernel test: executes a trigger (tests/kernel/triggers), says what it prints, and is waited for.
// Owns the process: one that is still there at the end is killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace bongsu::test {

// The path of a trigger program.
[[nodiscard]] std::string trigger(std::string_view name);

// CLOCK_BOOTTIME.
[[nodiscard]] std::uint64_t boot_ns();

struct ChildOptions {
  std::vector<std::string> args;                // the program's own name first
  std::string program = {};                     // the file to execute; args[0] when empty
  std::function<void()> before_exec = nullptr;  // runs in the child; see must()
  bool terminal = false;                        // a session of its own with a new terminal as its standard streams
};

class Child {
 public:
  explicit Child(const ChildOptions& options);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  // CLOCK_BOOTTIME before the fork.
  [[nodiscard]] std::uint64_t before_ns() const { return before_ns_; }
  // The next line of its standard output without the newline; what there is when it ends or says nothing for 10 s.
  [[nodiscard]] std::string line();
  [[nodiscard]] std::uint32_t number() { return static_cast<std::uint32_t>(std::stoul("0" + line())); }
  // The name of its terminal.
  [[nodiscard]] const std::string& terminal() const { return terminal_; }
  // Ends its standard input, which is what the trigger `hold` waits for; waits for its end. The status as waitpid(2)
  // tells it.
  int finish();

 private:
  void run(const ChildOptions& options, int in, int out);

  pid_t pid_ = -1;
  std::uint64_t before_ns_ = 0;
  UniqueFd in_;
  UniqueFd out_;
  std::string terminal_;
};

// In the child: ends it with a word on stderr when a step has failed.
void must(bool done, const char* what);

// The whole file; empty when it cannot be read.
[[nodiscard]] std::string read_file(const std::string& path);

// A directory of its own, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  // A copy of a trigger in here under another name, executable by all; its path.
  [[nodiscard]] std::string copy_trigger(std::string_view name, const std::string& as) const;

 private:
  std::string path_;
};

}  // namespace bongsu::test
