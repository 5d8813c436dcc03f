// SPDX-License-Identifier: Apache-2.0
//
// An API server made of a real TLS server and a script: what a test says for each request is answered. And what else
// the tests of the watch share: a clock and waits that cost no time, pods as the API writes them.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "kubernetes/pause.h"
#include "kubernetes/pod_watch.h"
#include "support/test_authority.h"

namespace bongsu {

class TestClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t boot_ns() const override { return now; }
  [[nodiscard]] std::int64_t wall_ns() const override { return now; }
  std::atomic<std::int64_t> now = 1'000'000'000;
};

// Waits no time but says it did. After as many waits as it is given it stands still until it is stopped.
class TestPause final : public Pause {
 public:
  explicit TestPause(TestClock& clock, std::size_t most = SIZE_MAX) : clock_(clock), most_(most) {}
  bool wait(std::chrono::nanoseconds time) override {
    std::unique_lock lock(mutex_);
    waits_.push_back(time);
    clock_.now += time.count();
    changed_.wait(lock, [this] { return stopped_ || waits_.size() < most_; });
    return !stopped_;
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<std::chrono::nanoseconds> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  TestClock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::chrono::nanoseconds> waits_;
  bool stopped_ = false;
};

inline bool comes_true(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// As the API writes them. `more` goes into the metadata, with a comma in front.
inline std::string pod_json(const std::string& name, const std::string& version = "1", const std::string& more = "") {
  return R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":")" + name +
         R"(","namespace":"shop","uid":"uid-)" + name + R"(","resourceVersion":")" + version +
         R"(","creationTimestamp":"2026-11-21T07:34:20Z")" + more + "}}";
}
inline std::string list_json(const std::string& version, const std::vector<std::string>& pods,
                             const std::string& continuation = "") {
  std::string text = R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{)";
  text += R"("resourceVersion":")" + version + R"(","continue":")" + continuation + R"("},"items":[)";
  for (std::size_t i = 0; i < pods.size(); ++i) {
    text += (i == 0 ? "" : ",") + pods[i];
  }
  return text + "]}\n";
}
inline std::string event_json(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}
inline std::string bookmark_json(const std::string& version) {
  return event_json("BOOKMARK", R"({"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":")" + version +
                                    R"(","creationTimestamp":null},"spec":{"containers":null},"status":{}})");
}
inline std::string status_json(int code, const std::string& reason, const std::string& more = "") {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"words for )" + reason +
         R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + more + "}";
}

class ApiServer {
 public:
  using Answer = std::function<void(std::size_t index, const httplib::Request&, httplib::Response&)>;

  // `certificate`: NAME.pem and NAME.key in the authority's folder.
  ApiServer(const TestAuthority& authority, Answer answer, const std::string& certificate = "server", int port = 0)
      : answer_(std::move(answer)),
        server_(authority.path(certificate + ".pem").c_str(), authority.path(certificate + ".key").c_str()) {
    server_.Get("/api/v1/pods", [this](const httplib::Request& request, httplib::Response& response) {
      std::size_t index = 0;
      {
        const std::lock_guard lock(mutex_);
        index = requests_.size();
        requests_.push_back(request);
      }
      answer_(index, request, response);
    });
    server_.set_keep_alive_timeout(1);
    port_ = port == 0 ? server_.bind_to_any_port("127.0.0.1") : server_.bind_to_port("127.0.0.1", port) ? port : -1;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (port_ > 0 && !server_.is_running()) {
      std::this_thread::yield();
    }
  }
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;
  ~ApiServer() {
    server_.stop();  // first: what is released must not be asked again
    release();
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::vector<httplib::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::size_t count() const { return requests().size(); }
  [[nodiscard]] static bool is_watch(const httplib::Request& request) { return request.has_param("watch"); }

  static void json(httplib::Response& response, const std::string& text, int status = 200) {
    response.status = status;
    response.set_content(text, "application/json");
  }
  // A watch: says the text, and then nothing until release().
  void stream(httplib::Response& response, const std::string& text) {
    response.set_chunked_content_provider("application/json",
                                          [this, text](std::size_t offset, httplib::DataSink& sink) {
                                            if (offset == 0 && !text.empty()) {
                                              return sink.write(text.data(), text.size());
                                            }
                                            hold();
                                            sink.done();
                                            return true;
                                          });
  }
  // A watch that ends after the text.
  static void chunks(httplib::Response& response, const std::string& text) {
    response.set_chunked_content_provider("application/json", [text](std::size_t offset, httplib::DataSink& sink) {
      if (offset == 0 && !text.empty()) {
        return sink.write(text.data(), text.size());
      }
      sink.done();
      return true;
    });
  }
  void hold() {
    std::unique_lock lock(mutex_);
    ++held_;
    released_changed_.wait(lock, [this] { return released_; });
  }
  [[nodiscard]] std::size_t held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    released_changed_.notify_all();
  }

 private:
  Answer answer_;
  httplib::SSLServer server_;
  int port_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable released_changed_;
  bool released_ = false;
  std::size_t held_ = 0;
  std::vector<httplib::Request> requests_;
  std::thread thread_;
};

// A folder with authority, token and certificates, and the watch's options for a port.
class ApiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority() = std::make_unique<TestAuthority>();
    authority()->sign("server", "DNS:kubernetes,IP:127.0.0.1");
    authority()->sign("other", "DNS:kubernetes,IP:10.96.0.1");
  }
  static void TearDownTestSuite() { authority().reset(); }
  static std::unique_ptr<TestAuthority>& authority() {
    static std::unique_ptr<TestAuthority> authority;
    return authority;
  }

  ApiTest() { write_token("token-1"); }
  static void write_token(const std::string& token) {
    // Renamed into place, as the kubelet does.
    std::ofstream(authority()->path("token.new")) << token << "\n";
    std::filesystem::rename(authority()->path("token.new"), authority()->path("token"));
  }
  [[nodiscard]] static PodWatchOptions options(int port) {
    PodWatchOptions options;
    options.server.host = "127.0.0.1";
    options.server.port = static_cast<std::uint16_t>(port);
    options.server.ca_file = authority()->path("ca.pem");
    options.server.token_file = authority()->path("token");
    options.node = "node-1";
    options.labels = {"*"};
    return options;
  }
  // Starts it with waits that cost nothing.
  void start(int port, std::size_t most_waits = SIZE_MAX) {
    auto pause = std::make_unique<TestPause>(clock_, most_waits);
    pause_ = pause.get();
    auto started = PodWatch::start(options(port), clock_, random_, std::move(pause));
    ASSERT_TRUE(started) << started.error().to_string();
    watch_ = *std::move(started);
  }
  // All that was told, one word each: +name, -uid, synced, unsynced.
  std::vector<std::string> told() {
    std::vector<PodChange> changes;
    watch_->feed().take(changes);
    for (const PodChange& change : changes) {
      told_.push_back(change.kind == PodChange::Kind::known    ? "+" + change.facts.name
                      : change.kind == PodChange::Kind::gone   ? "-" + change.facts.uid
                      : change.kind == PodChange::Kind::synced ? "synced"
                                                               : "unsynced");
      last_ = change;
    }
    return told_;
  }
  bool tells(const std::vector<std::string>& wanted) {
    return comes_true([&] { return told() == wanted; });
  }

  TestClock clock_;
  SystemRandom random_;
  TestPause* pause_ = nullptr;
  std::vector<std::string> told_;
  PodChange last_;
  std::unique_ptr<PodWatch> watch_;
};

}  // namespace bongsu
