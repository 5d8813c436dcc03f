// SPDX-License-Identifier: Apache-2.0
//
// Shell completion, made from the commands and flags as they are declared: there is no second list to keep.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command_line.h"
#include "events/catalogue.h"

namespace bongsu {
namespace {

std::string words_of(const CLI::App& app) {
  std::string words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    words += command->get_name() + " ";
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) {
      continue;  // hidden: not for people
    }
    for (const std::string& name : option->get_lnames()) {
      words += "--" + name + " ";
    }
  }
  if (app.get_name() == "trace") {
    for (const EventInfo& event : events()) {
      if (event.ring != Ring::none && event.type != EventType::none) {
        words.append(event.name).append(" ");
      }
    }
  }
  return words;
}

// One case a command: "bongsu rules check") words="..." ;;
void append_cases(std::string& out, const CLI::App& app, const std::string& path) {
  out += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, words_of(app));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    append_cases(out, *command, path + " " + command->get_name());
  }
}

std::string bash_completion(const CLI::App& app) {
  std::string cases;
  append_cases(cases, app, "bongsu");
  return
      R"(# bash completion for bongsu: source this file, or put it into /etc/bash_completion.d/
_bongsu() {
  local word=${COMP_WORDS[COMP_CWORD]} path=bongsu words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
)" +
      [&app] {
        std::string known;
        const std::function<void(const CLI::App&, const std::string&)> list = [&](const CLI::App& at,
                                                                                  const std::string& path) {
          for (const CLI::App* command : at.get_subcommands([](const CLI::App*) { return true; })) {
            known += (known.empty() ? "      \"" : " | \"") + path + " " + command->get_name() + "\"";
            list(*command, path + " " + command->get_name());
          }
        };
        list(app, "bongsu");
        return known;
      }() +
      R"() path+=" ${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
)" + cases +
      R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  [[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -F _bongsu bongsu
)";
}

}  // namespace

void add_completion_command(CommandLine& line) {
  CLI::App* command = add_command(line.app, "completion", "Print a completion script for bash",
                                  "  source <(bongsu completion bash)\n"
                                  "  bongsu completion bash | sudo tee /etc/bash_completion.d/bongsu\n");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->callback([&line, shell] { line.action = [&line] { return print_output(bash_completion(line.app)); }; });
}

}  // namespace bongsu
