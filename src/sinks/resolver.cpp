// SPDX-License-Identifier: Apache-2.0
#include "sinks/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <ctime>

namespace bongsu {

// The C library writes to it until the lookup is through.
struct Resolver::Lookup {
  explicit Lookup(std::string name) : host(std::move(name)) {
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    request.ar_name = host.c_str();
    request.ar_request = &hints;
  }
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() {
    if (request.ar_result != nullptr) {
      ::freeaddrinfo(request.ar_result);
    }
  }

  const std::string host;
  addrinfo hints{};
  gaicb request{};
};

Resolver::Resolver(std::string host) : host_(std::move(host)) {}

Resolver::~Resolver() {
  if (lookup_ != nullptr && ::gai_cancel(&lookup_->request) == EAI_NOTCANCELED) {
    // Still being written to. Kept for good: it is one for each program that ends without its name server.
    [[maybe_unused]] Lookup* const left = lookup_.release();
  }
}

Result<std::vector<std::string>> Resolver::resolve(std::chrono::nanoseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (lookup_ == nullptr) {
    auto lookup = std::make_unique<Lookup>(host_);
    std::array<gaicb*, 1> list = {&lookup->request};
    if (const int error = ::getaddrinfo_a(GAI_NOWAIT, list.data(), 1, nullptr); error != 0) {
      return fail(::gai_strerror(error));
    }
    lookup_ = std::move(lookup);
  }
  const std::array<const gaicb*, 1> list = {&lookup_->request};
  int error = ::gai_error(&lookup_->request);
  for (; error == EAI_INPROGRESS; error = ::gai_error(&lookup_->request)) {
    if (interrupted_ || std::chrono::steady_clock::now() >= deadline) {
      return fail("the name server does not answer");
    }
    const timespec step = {0, 10'000'000};  // how late an interruption may be seen; an answer is seen at once
    ::gai_suspend(list.data(), 1, &step);
  }
  const std::unique_ptr<Lookup> lookup = std::move(lookup_);
  if (error != 0) {
    return fail(::gai_strerror(error));
  }
  std::vector<std::string> addresses;
  for (const addrinfo* entry = lookup->request.ar_result; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  return addresses.empty() ? Result<std::vector<std::string>>(fail("it has no address")) : addresses;
}

}  // namespace bongsu
