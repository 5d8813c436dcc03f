// SPDX-License-Identifier: Apache-2.0
//
// A host's addresses, without being held up by a name server that is away: getaddrinfo() cannot be interrupted and
// takes half a minute to give up, longer than the whole program may take to end. So a thread of the C library looks it
// up, and this waits no longer than asked.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace bongsu {

class Resolver {
 public:
  explicit Resolver(std::string host);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // Numeric addresses, the best first (RFC 6724), at least one. A lookup that outlasts the timeout goes on, and the
  // next call waits for it again. One thread.
  [[nodiscard]] Result<std::vector<std::string>> resolve(std::chrono::nanoseconds timeout);

  // Any thread: resolve() fails soon, now and later.
  void interrupt() { interrupted_ = true; }

 private:
  struct Lookup;

  const std::string host_;
  std::unique_ptr<Lookup> lookup_;  // under way; null: none
  std::atomic<bool> interrupted_ = false;
};

}  // namespace bongsu
