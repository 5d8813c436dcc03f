// SPDX-License-Identifier: Apache-2.0
#include "http/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <system_error>

namespace bongsu {

Resolver::Addresses Resolver::system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &first); error != 0) {
    return fail(::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, ::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  return addresses.empty() ? Addresses(fail("it has no address")) : addresses;
}

Resolver::Resolver(std::string host, Lookup lookup) : host_(std::move(host)), lookup_(std::move(lookup)) {}

Resolver::~Resolver() {
  if (!thread_.joinable()) {
    return;
  }
  std::unique_lock lock(shared_->mutex);
  const bool done = shared_->found != nullptr;
  lock.unlock();  // which its last step may still wait for
  // Nothing ends a lookup before its time; what it still touches is its own.
  done ? thread_.join() : thread_.detach();
}

Resolver::Addresses Resolver::resolve(std::chrono::nanoseconds timeout) {
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([shared = shared_, host = host_, lookup = lookup_] {
        auto found = std::make_unique<Addresses>(lookup(host));
        const std::lock_guard lock(shared->mutex);
        shared->found = std::move(found);
        shared->changed.notify_all();
      });
    } catch (const std::system_error& error) {
      return fail(std::string("no thread for it: ") + error.what());
    }
  }
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, timeout, [this] { return shared_->found != nullptr || shared_->interrupted; });
  if (shared_->found == nullptr) {
    return fail("the name server does not answer");
  }
  const std::unique_ptr<Addresses> found = std::move(shared_->found);
  lock.unlock();
  thread_.join();
  return *found;
}

void Resolver::interrupt() {
  const std::lock_guard lock(shared_->mutex);
  shared_->interrupted = true;
  shared_->changed.notify_all();
}

}  // namespace bongsu
