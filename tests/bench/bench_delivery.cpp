// SPDX-License-Identifier: Apache-2.0
//
// How many alerts a second one core delivers to an HTTPS server on loopback: all of a webhook, from deliver() to the
// answer. The server is a process of its own on the other core. docs/performance.md tells how it is run and what came
// out.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <httplib.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "sinks/backlog.h"
#include "sinks/registry.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

void run_on_core(std::size_t core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);  // all threads that come from here on
}

// Takes everything, until it is destroyed.
class HttpsServer {
 public:
  HttpsServer() {
    std::string pattern = (fs::temp_directory_path() / "bongsu-bench-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::string make =
        "cd '" + folder_.string() +
        "' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key -out cert 2>/dev/null";
    // NOLINTNEXTLINE(bugprone-command-processor): a command of the benchmark's own
    if (std::system(make.c_str()) != 0) {
      return;
    }
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
      return;
    }
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      run_on_core(1);
      httplib::SSLServer server((folder_ / "cert").c_str(), (folder_ / "key").c_str());
      server.set_keep_alive_max_count(1'000'000'000);
      server.set_tcp_nodelay(true);
      server.Post("/", [](const httplib::Request&, httplib::Response& response) { response.status = 204; });
      const int port = server.bind_to_any_port("127.0.0.1");
      static_cast<void>(::write(ends[1], &port, sizeof port));
      server.listen_after_bind();
      ::_exit(0);
    }
    ::close(ends[1]);
    if (::read(ends[0], &port_, sizeof port_) != static_cast<ssize_t>(sizeof port_)) {
      port_ = 0;
    }
    ::close(ends[0]);
  }
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;
  ~HttpsServer() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
  pid_t child_ = -1;
  int port_ = 0;
};

// As long as an alert about an exec in a pod is.
std::shared_ptr<const Alert> alert_number(std::uint64_t number) {
  auto alert = std::make_shared<Alert>();
  alert->id = "0195b0a3-7c00-7000-8000-" + std::to_string(100'000'000'000 + number);
  alert->severity = Severity::high;
  alert->rule_id = "shell-in-container";
  alert->tags = {"container", "shell"};
  alert->json = R"({"@timestamp":"2026-11-21T08:57:35.015Z","event":{"id":")" + alert->id + R"("})";
  for (int i = 0; alert->json.size() < 2'000; ++i) {
    alert->json += R"(,"field_)" + std::to_string(i) + R"(":{"name":"web-5d9c7b-x2x4q","pid":22074})";
  }
  alert->json += '}';
  return alert;
}

struct Way {
  const char* name;
  std::int64_t batch;
  bool gzip;
  bool spool;
};
constexpr std::array kWays = {Way{"one by one", 1, false, false}, Way{"batches of 100", 100, false, false},
                              Way{"batches of 100, spool", 100, false, true},
                              Way{"batches of 100, gzip, spool", 100, true, true}};

void deliver_https(benchmark::State& state) {
  const Way& way = kWays.at(static_cast<std::size_t>(state.range(0)));
  state.SetLabel(way.name);
  const HttpsServer server;
  if (server.port() == 0) {
    state.SkipWithError("no server");
    return;
  }
  run_on_core(0);
  ::signal(SIGPIPE, SIG_IGN);
  Config config;
  config.webhooks.resize(1);
  WebhookConfig& webhook = config.webhooks[0];
  webhook.name = "bench";
  webhook.url = "https://localhost:" + std::to_string(server.port()) + "/";
  webhook.tls.ca_file = server.folder() / "cert";
  webhook.batch_max_alerts = way.batch;
  webhook.gzip = way.gzip;
  webhook.spool.directory = way.spool ? server.folder() / "spool" : "";
  const SystemClock clock;
  SystemRandom random;
  auto sinks = make_sinks(config, {.stdout_fd = ::open("/dev/null", O_WRONLY),
                                   .stdout_is_terminal = false,
                                   .version = "bench",
                                   .clock = clock,
                                   .random = random});
  if (!sinks) {
    state.SkipWithError(sinks.error().message.c_str());
    return;
  }
  Sink& sink = *sinks->back();
  std::uint64_t number = 0;
  constexpr std::uint64_t kAtOnce = 5'000;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kAtOnce; ++i) {
      sink.deliver(alert_number(number++));
    }
    while (sink.stats().delivered < number) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(number));
  if (sink.stats().delivered != number || sink.stats().retries != 0) {
    state.SkipWithError("not everything was delivered at once");
  }
}
BENCHMARK(deliver_https)
    ->DenseRange(0, kWays.size() - 1)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bongsu
