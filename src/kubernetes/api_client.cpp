// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/api_client.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/version.h"
#include "http/retry_after.h"

namespace bongsu {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kErrorBodyBytesMax = std::size_t{64} << 10;
// A server may ask for patience, not for silence.
constexpr std::chrono::nanoseconds kRetryAfterMax = std::chrono::minutes(5);

constexpr std::array kNames = std::to_array<std::string_view>(
    {"none", "stopped", "token", "unreachable", "untrusted", "broken", "timeout", "unauthorized", "forbidden",
     "expired", "throttled", "server", "rejected", "malformed", "oversized"});
static_assert(kNames.size() == kApiErrorCount);

ApiError error_of(int status) {
  switch (status) {
    case 401:
      return ApiError::unauthorized;
    case 403:
      return ApiError::forbidden;
    case 410:
      return ApiError::expired;
    case 429:
      return ApiError::throttled;
    default:
      return status >= 500 ? ApiError::server : ApiError::rejected;
  }
}

ApiError error_of(HttpAnswer::End end) {
  switch (end) {
    case HttpAnswer::End::complete:
    case HttpAnswer::End::refused:
      return ApiError::none;
    case HttpAnswer::End::interrupted:
      return ApiError::stopped;
    case HttpAnswer::End::unreachable:
      return ApiError::unreachable;
    case HttpAnswer::End::untrusted:
      return ApiError::untrusted;
    case HttpAnswer::End::broken:
      break;
  }
  return ApiError::broken;
}

}  // namespace

std::string_view to_string(ApiError error) { return kNames.at(static_cast<std::size_t>(error)); }

// Hands on what comes with a 200, keeps a little of what comes with anything else.
class ApiClient::Reader final : public HttpReader {
 public:
  Reader(ApiBody& body, std::function<void()> on_head) : body_(body), on_head_(std::move(on_head)) {}

  void head(const HttpAnswer& answer) override {
    good_ = answer.status == 200;
    on_head_();
    if (good_) {
      body_.opened();
    }
  }
  bool body(std::string_view piece) override {
    if (good_) {
      return body_.take(piece);
    }
    text_.append(piece.substr(0, kErrorBodyBytesMax - text_.size()));
    return text_.size() < kErrorBodyBytesMax;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  ApiBody& body_;
  const std::function<void()> on_head_;
  bool good_ = false;
  std::string text_;
};

ApiClient::ApiClient(Server server, const Clock& clock)
    : server_(std::move(server)), clock_(clock), token_(server_.token_file), alarm_([this] { cut(); }) {}

ApiAnswer ApiClient::get(const ApiRequest& request, ApiBody& body) {
  const auto token = token_.token();
  if (!token) {
    return ApiAnswer::wrong(ApiError::token, "no token: " + token.error().to_string());
  }
  ApiAnswer answer = attempt(request, *token, body);
  if (answer.error == ApiError::unauthorized) {
    token_.forget();
    if (const auto fresh = token_.token(); fresh && *fresh != *token) {
      answer = attempt(request, *fresh, body);
    }
  }
  return answer;
}

ApiAnswer ApiClient::attempt(const ApiRequest& request, const std::string& token, ApiBody& body) {
  const std::shared_ptr<HttpConnection> connection = this->connection();
  if (connection == nullptr) {
    return ApiAnswer::stopped();
  }
  if (ca_mark_.size_bytes < 0) {
    drop_connection();
    return ApiAnswer::wrong(ApiError::untrusted, server_.ca_file + ": the cluster's authority cannot be read");
  }
  httplib::Request http;
  http.method = "GET";
  http.path = request.target;
  http.headers.emplace("Accept", request.accept);
  http.headers.emplace("Accept-Encoding", "identity");
  http.headers.emplace("Authorization", "Bearer " + token);
  http.headers.emplace("User-Agent", "bongsu/" + std::string(version()));
  const auto begun = steady_clock::now();
  Reader reader(body, [&] { alarm_.set(begun + request.total); });
  connection->set_read_timeout(request.silence);
  alarm_.set(begun + std::min(request.head, request.total));
  const HttpAnswer answer = connection->send(http, &reader);
  const bool rang = alarm_.clear();
  ApiAnswer said = explain(answer, reader.text());
  if (rang && (said.error == ApiError::broken || said.error == ApiError::untrusted)) {
    said.error = ApiError::timeout;
    said.words = server_.host + " did not answer in time";
  }
  if (said.error == ApiError::untrusted) {
    drop_connection();  // which may have read another authority than the file has by now, or none
  }
  return said;
}

ApiAnswer ApiClient::explain(const HttpAnswer& answer, const std::string& text) const {
  if (answer.status == 200 || answer.status == 0) {
    return ApiAnswer::wrong(error_of(answer.end), answer.failure);
  }
  ApiAnswer said;
  said.error = error_of(answer.status);
  said.words = "the API server answered " + std::to_string(answer.status);
  said.retry_after = parse_retry_after(answer.retry_after, clock_.wall_ns());
  if (const auto status = PodJson({}).status(text)) {
    if (!status->message.empty()) {
      said.words += ": " + status->message;
    }
    said.version_too_large = status->version_too_large;
    if (!said.retry_after && status->retry_after_s > 0) {
      said.retry_after = std::chrono::seconds(std::min<std::int64_t>(status->retry_after_s, 3600));
    }
  }
  if (said.retry_after) {
    said.retry_after = std::min(*said.retry_after, kRetryAfterMax);
  }
  return said;
}

std::shared_ptr<HttpConnection> ApiClient::connection() {
  const FileMark mark = FileMark::at(server_.ca_file);
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return nullptr;
  }
  if (connection_ == nullptr || mark != ca_mark_) {
    HttpConnection::Options options;
    options.https = true;
    options.host = server_.host;
    options.port = server_.port;
    options.ca_file = server_.ca_file;
    options.timeout = server_.connect_timeout;
    options.probe_after = std::chrono::seconds(15);
    connection_ = std::make_shared<HttpConnection>(options);
    ca_mark_ = mark;
  }
  return connection_;
}

void ApiClient::drop_connection() {
  const std::lock_guard lock(mutex_);
  connection_.reset();
}

void ApiClient::cut() {
  const std::lock_guard lock(mutex_);
  if (connection_ != nullptr) {
    connection_->cut();
  }
}

void ApiClient::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (connection_ != nullptr) {
    connection_->interrupt();
  }
}

}  // namespace bongsu
