// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string_view>

#include "cli/command_line.h"

namespace {

bongsu::Environment read_environment() {
  bongsu::Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

int start(int argc, char** argv) {
  // A reader that goes away is told by write(), not by death.
  std::signal(SIGPIPE, SIG_IGN);
  bongsu::CommandLine line;
  line.environment = read_environment();
  line.stdout_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  line.stderr_is_terminal = ::isatty(STDERR_FILENO) == 1;
  return bongsu::run_command_line(line, argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return start(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bongsu: internal error: %s: please report this\n", error.what());
    return bongsu::kFailure;
  }
}
