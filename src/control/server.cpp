// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <httplib.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"
#include "control/task_queue.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kThreads = 2;
constexpr std::size_t kWaiting = 16;                // connections taken in, beyond those being answered
constexpr std::size_t kMaxRequestBodyBytes = 1024;  // no request here has one
constexpr time_t kTimeoutSeconds = 2;               // of each read and write, and so of the destructor
constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

std::string address_text(const std::string& host, int port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]:" : host + ":") + std::to_string(port);
}

// Only SO_REUSEADDR: the library's default, SO_REUSEPORT, would let two programs listen on one port without a word.
void set_listen_options(int socket) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

// Why the library could not bind: it does not say, so the same is tried again here. Empty: it works now.
std::string bind_problem(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    return ::gai_strerror(error);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
  std::string problem;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    const UniqueFd socket(::socket(entry->ai_family, entry->ai_socktype | SOCK_CLOEXEC, entry->ai_protocol));
    if (socket) {
      set_listen_options(socket.get());
      if (::bind(socket.get(), entry->ai_addr, entry->ai_addrlen) == 0 && ::listen(socket.get(), 1) == 0) {
        return {};
      }
    }
    problem = std::generic_category().message(errno);
  }
  return problem;
}

void answer(httplib::Response& response, int status, std::string_view text, std::string_view type = kPlainText) {
  response.status = status;
  response.set_content(std::string(text), std::string(type));
}

}  // namespace

class ControlServer::Impl {
 public:
  Impl(std::string host, Answers answers) : host_(std::move(host)), answers_(std::move(answers)) {
    server_.new_task_queue = [] { return new BoundedTaskQueue(kThreads, kWaiting); };
    server_.set_socket_options([this](socket_t socket) {
      set_listen_options(socket);
      socket_ = socket;
    });
    server_.set_keep_alive_max_count(1);
    server_.set_keep_alive_timeout(kTimeoutSeconds);  // also of the wait for the first byte
    server_.set_read_timeout(kTimeoutSeconds);
    server_.set_write_timeout(kTimeoutSeconds);
    server_.set_payload_max_length(kMaxRequestBodyBytes);
    server_.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "HEAD") {
        return httplib::Server::HandlerResponse::Unhandled;
      }
      response.set_header("Allow", "GET, HEAD");
      answer(response, 405, "only GET and HEAD\n");
      return httplib::Server::HandlerResponse::Handled;
    });
    server_.Get("/healthz",
                [](const httplib::Request&, httplib::Response& response) { answer(response, 200, "ok\n"); });
    server_.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      const Status ready = answers_.ready();
      ready ? answer(response, 200, "ready\n") : answer(response, 503, ready.error().to_string() + "\n");
    });
    server_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      answer(response, 200, to_prometheus(answers_.metrics()), kPrometheusContentType);
    });
    server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) {
        answer(response, response.status, std::to_string(response.status) + "\n");
      }
    });
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (thread_.joinable()) {
      server_.stop();
      thread_.join();
    } else if (!served_ && port_ != 0) {
      ::close(socket_);  // the library leaves a socket open that was bound and never served
    }
  }

  Status bind(std::uint16_t port) {
    const int bound = port == 0 ? server_.bind_to_any_port(host_) : (server_.bind_to_port(host_, port) ? port : -1);
    if (bound <= 0) {
      const std::string problem = bind_problem(host_, port);
      return fail("cannot listen on " + address_text(host_, port) + ": " + (problem.empty() ? "busy" : problem),
                  "choose another address with --listen or http.listen, or \"off\"");
    }
    port_ = static_cast<std::uint16_t>(bound);
    return {};
  }

  Status serve() {
    served_ = true;
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    // stop() does nothing on a server that does not run yet: so wait until it does.
    while (!server_.is_running()) {
      if (ended_) {
        thread_.join();
        return fail("cannot serve " + address_text(host_, port_));
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  const std::string host_;
  const Answers answers_;
  httplib::Server server_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  bool served_ = false;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::bind(const std::string& host, std::uint16_t port,
                                                           Answers answers) {
  auto impl = std::make_unique<Impl>(host, std::move(answers));
  if (auto status = impl->bind(port); !status) {
    return tl::make_unexpected(status.error());
  }
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

std::uint16_t ControlServer::port() const { return impl_->port(); }
std::string ControlServer::address() const { return address_text(impl_->host(), impl_->port()); }
Status ControlServer::serve() { return impl_->serve(); }

}  // namespace bongsu
