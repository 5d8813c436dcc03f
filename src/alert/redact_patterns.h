// SPDX-License-Identifier: Apache-2.0
//
// How secrets look in command lines, paths and other text: the built-in patterns of the redactor, one row a kind.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bongsu {

struct RedactPattern {
  std::string_view name;     // of the metric
  std::string_view trigger;  // a regular expression that is cheap, and matches wherever the other one could
  std::string_view match;    // every group that takes part is masked; see expand_pattern
};

[[nodiscard]] std::span<const RedactPattern> redact_patterns();

// Puts in what rows share, by name in braces:
//   {key}    what the end of a name says of its value: password, token, api_key, ...
//   {word}   an option's name that ends so, behind its dashes
//   {value}  what follows "=": quoted, or up to a space, a quote or a separator; masked without its quotes
//   {next}   what follows an option: the next argument, or the next word
//   {own}    all that is left of the argument
//   {start}  where the name of a command can begin
//   {to}     its arguments up to another, behind its name
// Text is bytes. Arguments of one command stand behind each other with a NUL before each, so that a pattern can tell
// the end of an argument from a space.
[[nodiscard]] std::string expand_pattern(std::string_view pattern);

// Whether what was found is evidently none: nothing to hide in true, or in the name of a file. `before` is the part of
// the match in front of it.
[[nodiscard]] bool is_harmless(std::string_view before, std::string_view value);

}  // namespace bongsu
