// SPDX-License-Identifier: Apache-2.0
//
// Shows that a running monitor sees, judges and delivers: executes this program once more, with an argument that a
// default rule is about, and follows the alert through the monitor's own numbers.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "cli/command_line.h"
#include "cli/verification.h"
#include "config/url.h"
#include "control/http_get.h"
#include "control/metrics_text.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPollEvery{100};
constexpr milliseconds kRequestTimeout{2'000};
constexpr const char* kMarkerFlag = "--monitor-verify";  // the rule looks for it

struct VerifyOptions {
  std::string url = "http://127.0.0.1:9464";
  std::string timeout = "10s";
  std::string marker;
};

class Monitor {
 public:
  Monitor(Url url, steady_clock::time_point deadline) : url_(std::move(url)), deadline_(deadline) {}

  [[nodiscard]] bool time_left() const { return steady_clock::now() < deadline_; }

  [[nodiscard]] Result<HttpReply> get(const std::string& path) const {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
    auto reply = http_get(url_.host, url_.port, path, std::clamp(left, milliseconds(1), kRequestTimeout));
    if (!reply) {
      return fail("cannot ask the monitor at " + url_.host + " port " + std::to_string(url_.port) + ": " +
                      reply.error().to_string(),
                  "is it running? name the address it listens on (http.listen) with --url");
    }
    return reply;
  }

  // Until it is ready, or there is no time left.
  [[nodiscard]] Status wait_ready() const {
    while (true) {
      const auto reply = get("/readyz");
      if (!reply) {
        return tl::make_unexpected(reply.error());
      }
      if (reply->status == 200) {
        return {};
      }
      if (!time_left()) {
        const std::string said = reply->body.substr(0, reply->body.find('\n'));
        return fail("the monitor is not ready: " + (said.empty() ? std::to_string(reply->status) : said),
                    "its log and bongsu doctor say why");
      }
      std::this_thread::sleep_for(kPollEvery);
    }
  }

  [[nodiscard]] Result<MonitorNumbers> numbers() const {
    const auto reply = get("/metrics");
    if (!reply) {
      return tl::make_unexpected(reply.error());
    }
    if (reply->status != 200) {
      return fail("/metrics answers " + std::to_string(reply->status), "is --url a monitor's address?");
    }
    const auto samples = read_prometheus(reply->body);
    if (!samples) {
      return fail("/metrics: " + samples.error().to_string(), "is --url a monitor's address?");
    }
    return monitor_numbers(*samples);
  }

 private:
  Url url_;
  steady_clock::time_point deadline_;
};

// Something to search for in the alert: nobody else's argument is like it.
std::string new_marker() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// By its true path: under /proc/self/exe the new program would be called "exe".
Result<std::string> run_marked(const std::string& marker) {
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (error) {
    return fail("cannot find this program: " + error.message());
  }
  std::array<std::string, 4> words = {program, "verify", kMarkerFlag, marker};
  std::array<char*, 5> arguments = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t child = 0;
  if (const int failed = ::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ);
      failed != 0) {
    return fail_errno("cannot execute " + program, failed);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      return fail_errno("cannot wait for " + program, errno);
    }
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail("cannot execute " + program + ": it ended at once");
  }
  return fmt::format("executed: {} {} {} {}, process {}\n", program, words[1], words[2], marker, child);
}

// What was seen goes to `out` also where it fails.
Status verify(const Monitor& monitor, std::string& out) {
  if (Status ready = monitor.wait_ready(); !ready) {
    return ready;
  }
  auto before = monitor.numbers();
  if (!before) {
    return tl::make_unexpected(before.error());
  }
  Verification verification(*before);
  if (!before->matches) {
    return verification.result();
  }
  const auto executed = run_marked(new_marker());
  if (!executed) {
    return tl::make_unexpected(executed.error());
  }
  out += *executed;
  do {
    std::this_thread::sleep_for(kPollEvery);
    auto now = monitor.numbers();
    if (!now && monitor.time_left()) {
      return tl::make_unexpected(now.error());
    }
    if (now) {  // else the time ended it, and what was seen before counts
      verification.look(*std::move(now));
    }
  } while (!verification.settled() && monitor.time_left());
  out += verification.told();
  return verification.result();
}

Result<Monitor> find_monitor(const VerifyOptions& options) {
  std::int64_t timeout_ns = 0;
  if (!parse_duration_ns(options.timeout, timeout_ns) || timeout_ns <= 0) {
    return fail("--timeout: not a time: " + options.timeout, "write it as 10s or 1m");
  }
  auto url = parse_url(options.url);
  if (!url) {
    return fail("--url: " + url.error().message, url.error().hint);
  }
  if (url->https || url->target != "/") {
    return fail("--url: not the address of a monitor", "write http://HOST:PORT");
  }
  return Monitor(*std::move(url), steady_clock::now() + std::chrono::nanoseconds(timeout_ns));
}

int verify(const VerifyOptions& options) {
  if (!options.marker.empty()) {
    return kOk;  // being executed was all
  }
  const auto monitor = find_monitor(options);
  if (!monitor) {
    print_error(monitor.error());
    return kUsage;
  }
  const auto start = steady_clock::now();
  std::string seen;
  const Status verified = verify(*monitor, seen);
  if (verified) {
    const std::chrono::duration<double> took = steady_clock::now() - start;
    seen += fmt::format("all is well, after {:.1f} s\n", took.count());
  }
  std::string out;
  for (std::string_view rest = seen; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    append_printable(out, line);
    out += '\n';
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  const int printed = print_output(out);
  return verified ? printed : print_error(verified.error());
}

}  // namespace

void add_verify_command(CommandLine& line) {
  CLI::App* command = add_command(
      line.app, "verify", "Show that a running monitor sees, judges and delivers",
      "  bongsu verify\n"
      "  bongsu verify --url http://10.0.0.7:9464 --timeout 30s   a monitor that listens elsewhere on this node\n\n"
      "Executes itself with an argument that the default rule monitor-verify is about, and waits until the monitor's\n"
      "/metrics say that the rule has matched and that each destination has the alert. Run it on the node, or in a\n"
      "container on the node, that the monitor watches. Exits 1, with what to do, when something is missing.");
  auto options = std::make_shared<VerifyOptions>();
  command->add_option("--url", options->url, "Where the monitor listens")->capture_default_str();
  command->add_option("--timeout", options->timeout, "How long to wait for it all")->capture_default_str();
  command->add_option(kMarkerFlag, options->marker)->group("");  // hidden
  command->callback([&line, options] { line.action = [options] { return verify(*options); }; });
}

}  // namespace bongsu
