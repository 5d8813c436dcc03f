// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <list>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/unique_fd.h"
#include "control/connection.h"
#include "control/listener.h"
#include "control/request.h"

namespace bongsu {
namespace {

using Clock = std::chrono::steady_clock;
using Text = std::shared_ptr<const std::string>;

constexpr std::chrono::milliseconds kMetricsAge{200};  // words for all numbers take milliseconds: not for each who asks
constexpr std::chrono::milliseconds kPause{100};       // when not even a connection can be taken in

enum Ending : std::uint8_t { timed_out, no_room, endings };
constexpr std::array<const char*, endings> kEndingNames = {"timeout", "no_room"};

}  // namespace

class ControlServer::Impl {
 public:
  Impl(std::string host, UniqueFd listener, Answers answers)
      : host_(std::move(host)),
        answers_(std::move(answers)),
        listener_(std::move(listener)),
        port_(port_of(listener_)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (thread_.joinable()) {
      const std::uint64_t one = 1;
      (void)!::write(wake_.get(), &one, sizeof one);
      thread_.join();
    }
  }

  Status serve() {
    if (!wake_) {
      return fail("cannot serve " + address_text(host_, port_) + ": no event descriptor");
    }
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      return fail("cannot serve " + address_text(host_, port_) + ": no thread: " + error.what());
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  void run() {
    std::vector<pollfd> waiting;
    for (;;) {
      const Clock::time_point now = Clock::now();
      waiting = {{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                 {.fd = now < paused_until_ ? -1 : listener_.get(), .events = POLLIN, .revents = 0}};
      Clock::time_point until = now < paused_until_ ? paused_until_ : Clock::time_point::max();
      for (const Connection& connection : connections_) {
        waiting.push_back({.fd = connection.fd(), .events = connection.waits_for(), .revents = 0});
        until = std::min(until, connection.deadline());
      }
      ::poll(waiting.data(), waiting.size(), timeout_ms(until, now));
      if (waiting[0].revents != 0) {
        return;
      }
      try {
        advance(waiting);
        if (waiting[1].revents != 0) {
          take_in();
        }
      } catch (const std::exception&) {  // no memory for an answer: those who ask pay, not the monitor
        endings_.at(no_room) += connections_.size();
        connections_.clear();
        paused_until_ = Clock::now() + kPause;
      }
    }
  }

  static int timeout_ms(Clock::time_point until, Clock::time_point now) {
    if (until == Clock::time_point::max()) {
      return -1;
    }
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    return static_cast<int>(std::max<std::int64_t>(rest, 0));
  }

  // `waiting` has two entries before those of the connections, in their order.
  void advance(const std::vector<pollfd>& waiting) {
    const Clock::time_point now = Clock::now();
    std::size_t index = 2;
    for (auto connection = connections_.begin(); connection != connections_.end(); ++index) {
      if (waiting[index].revents != 0 && !connection->advance(answer_, now)) {
        connection = connections_.erase(connection);
      } else if (connection->deadline() <= now) {
        endings_.at(timed_out) += connection->answered() ? 0U : 1U;
        connection = connections_.erase(connection);
      } else {
        ++connection;
      }
    }
  }

  void take_in() {
    for (std::size_t i = 0; i < kMostConnections; ++i) {
      UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) {
        // No descriptor, no memory: what waits stays in the kernel's queue, which is bounded.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          paused_until_ = Clock::now() + kPause;
        }
        return;
      }
      const Clock::time_point now = Clock::now();
      Connection connection(std::move(socket), now);
      if (!connection.advance(answer_, now)) {
        continue;
      }
      if (connections_.size() == kMostConnections) {
        endings_.at(no_room) += connections_.front().answered() ? 0U : 1U;
        connections_.pop_front();
      }
      connections_.push_back(std::move(connection));
    }
  }

  Text answer(const RequestHead& head) {
    const bool head_only = head.method == "HEAD";
    const auto say = [&](int status, std::string text) {
      return std::make_shared<const std::string>(to_http({.status = status, .body = std::move(text)}, head_only));
    };
    if (head.state == RequestHead::State::too_large) {
      return say(431, "the request's head is too large\n");
    }
    if (head.state != RequestHead::State::complete) {
      return say(400, "no HTTP/1 request\n");
    }
    if (head.method != "GET" && !head_only) {
      return say(405, "only GET and HEAD\n");
    }
    if (head.path == "/healthz") {
      return say(200, "ok\n");
    }
    if (head.path == "/readyz") {
      const Status ready = answers_.ready();
      return ready ? say(200, "ready\n") : say(503, ready.error().to_string() + "\n");
    }
    return head.path == "/metrics" ? metrics(head_only) : say(404, "404\n");
  }

  Text metrics(bool head_only) {
    const Clock::time_point now = Clock::now();
    if (metrics_ == nullptr || now - metrics_at_ > kMetricsAge) {
      std::vector<MetricFamily> all = answers_.metrics();
      MetricFamily closed{"bongsu_http_closed_connections_total",
                          "Connections to the monitor's own server that were closed without an answer, by reason.",
                          MetricFamily::Type::counter,
                          {}};
      for (std::size_t i = 0; i < endings; ++i) {
        closed.add(endings_.at(i), {{"reason", kEndingNames.at(i)}});
      }
      all.push_back(std::move(closed));
      const Response response{.status = 200, .body = to_prometheus(all), .content_type = kPrometheusContentType};
      metrics_ = std::make_shared<const std::string>(to_http(response, false));
      metrics_head_ = std::make_shared<const std::string>(to_http(response, true));
      metrics_at_ = now;
    }
    return head_only ? metrics_head_ : metrics_;
  }

  const std::string host_;
  const Answers answers_;
  UniqueFd listener_;
  const std::uint16_t port_;
  UniqueFd wake_;
  // Of the thread alone:
  const Connection::Answer answer_ = [this](const RequestHead& head) { return answer(head); };
  std::list<Connection> connections_;  // the oldest first
  std::array<std::uint64_t, endings> endings_{};
  Text metrics_;  // the whole answer, of metrics_at_
  Text metrics_head_;
  Clock::time_point metrics_at_;
  Clock::time_point paused_until_;
  std::thread thread_;
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::bind(const std::string& host, std::uint16_t port,
                                                           Answers answers) {
  auto listener = listen_on(host, port);
  if (!listener) {
    return tl::make_unexpected(listener.error());
  }
  return std::unique_ptr<ControlServer>(
      new ControlServer(std::make_unique<Impl>(host, *std::move(listener), std::move(answers))));
}

std::uint16_t ControlServer::port() const { return impl_->port(); }
std::string ControlServer::address() const { return address_text(impl_->host(), impl_->port()); }
Status ControlServer::serve() { return impl_->serve(); }

}  // namespace bongsu
