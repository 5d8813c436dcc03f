// SPDX-License-Identifier: Apache-2.0
//
// Recoverable errors are values. An Error is one line for a person: what is wrong, and what to do about it.
#pragma once

#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace bongsu {

struct Error {
  std::string message;  // what is wrong; no trailing full stop, no newline
  std::string hint;     // what to do next; may be empty

  [[nodiscard]] std::string to_string() const { return hint.empty() ? message : message + ": " + hint; }
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message, std::string hint = {}) {
  return tl::make_unexpected(Error{std::move(message), std::move(hint)});
}

// "WHAT: No such file or directory"; `error_number` is an errno value.
[[nodiscard]] inline tl::unexpected<Error> fail_errno(std::string what, int error_number, std::string hint = {}) {
  return fail(std::move(what) + ": " + std::generic_category().message(error_number), std::move(hint));
}

}  // namespace bongsu
