// SPDX-License-Identifier: Apache-2.0
//
// A host's addresses, without being held up by a name server that is away: getaddrinfo() cannot be interrupted and
// takes half a minute to give up, longer than the whole program may take to end. So a thread looks it up, and resolve()
// waits no longer than asked.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace bongsu {

class Resolver {
 public:
  using Addresses = Result<std::vector<std::string>>;  // numeric, the best first (RFC 6724), at least one
  using Lookup = std::function<Addresses(const std::string& host)>;
  static Addresses system_lookup(const std::string& host);  // getaddrinfo()

  // `lookup` must not use what may be gone before it returns: a program does not wait for it to end.
  explicit Resolver(std::string host, Lookup lookup = system_lookup);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();  // joins the thread where it has done its work, else leaves it to itself

  // A lookup that outlasts the timeout goes on, and the next call waits for it again. One thread.
  [[nodiscard]] Addresses resolve(std::chrono::nanoseconds timeout);

  // Any thread: resolve() fails, now and later.
  void interrupt();

 private:
  // What both threads see; it lives as long as the longer of them.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::unique_ptr<Addresses> found;  // null: not yet
    bool interrupted = false;
  };

  const std::string host_;
  const Lookup lookup_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::thread thread_;  // joinable: a lookup is under way, or its result has not been taken
};

}  // namespace bongsu
