// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

#include "cli/command_line.h"

namespace bongsu {

void add_version_command(CommandLine& line) {
  CLI::App* command =
      add_command(line.app, "version", "Print the version", "  bongsu version            bongsu 0.1.0\n");
  command->callback([&line] { line.action = [] { return print_output("bongsu " + std::string(version()) + "\n"); }; });
}

}  // namespace bongsu
