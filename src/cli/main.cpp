// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <new>
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

// A descriptor closed by whoever started us would be handed to the first thing opened, which then got our output.
bool has_standard_descriptors() {
  bool stdout_open = true;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) {
      stdout_open = stdout_open && fd != STDOUT_FILENO;
      ::open("/dev/null", O_RDWR);  // takes the lowest free number: this one
    }
  }
  return stdout_open;
}

int start(int argc, char** argv) {
  if (!has_standard_descriptors()) {
    return bongsu::print_error({"standard output is closed", "send it to a file, a pipe or /dev/null"});
  }
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
  } catch (const std::bad_alloc&) {
    std::fputs("bongsu: out of memory: raise its limit, or lower sensor.ring_bytes\n", stderr);
    return bongsu::kFailure;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bongsu: internal error: %s: please report this\n", error.what());
    return bongsu::kFailure;
  }
}
