// SPDX-License-Identifier: Apache-2.0
//
// Asks the API server: GET over TLS, as the service account. The authority is the cluster's alone, the server's name or
// address is checked, the token goes to nobody else. Every wait has an end, and another thread can end it at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "http/alarm.h"
#include "http/connection.h"
#include "kubernetes/pod_json.h"
#include "kubernetes/token_file.h"

namespace bongsu {

enum class ApiError : std::uint8_t {
  none,
  stopped,       // by stop()
  token,         // it cannot be read
  unreachable,   // no address, no connection
  untrusted,     // TLS: authority, name, handshake
  broken,        // the answer did not come or broke off
  timeout,       // it took longer than it may
  unauthorized,  // 401
  forbidden,     // 403
  expired,       // 410, or the same in a watch
  throttled,     // 429
  server,        // 5xx
  rejected,      // any other status
  malformed,     // not what was asked for
  oversized      // more than is taken
};
inline constexpr std::size_t kApiErrorCount = static_cast<std::size_t>(ApiError::oversized) + 1;
[[nodiscard]] std::string_view to_string(ApiError error);

struct ApiRequest {
  std::string target;  // path and query, as they are sent
  std::string accept;
  std::chrono::nanoseconds silence = std::chrono::seconds(30);  // between two reads
  std::chrono::nanoseconds head = std::chrono::seconds(35);     // until the answer's head is there
  std::chrono::nanoseconds total = std::chrono::seconds(60);
};

struct ApiAnswer {
  ApiError error = ApiError::none;
  std::string words;               // for a person; empty without an error
  bool version_too_large = false;  // the version asked for is one that the server does not know (yet)
  std::optional<std::chrono::nanoseconds> retry_after;

  [[nodiscard]] static ApiAnswer wrong(ApiError error, std::string words) {
    ApiAnswer answer;
    answer.error = error;
    answer.words = std::move(words);
    return answer;
  }
  [[nodiscard]] static ApiAnswer stopped() { return wrong(ApiError::stopped, "stopped"); }
};

// Takes what comes with a 200.
class ApiBody {
 public:
  ApiBody() = default;
  ApiBody(const ApiBody&) = delete;
  ApiBody& operator=(const ApiBody&) = delete;
  virtual ~ApiBody() = default;
  virtual void opened() {}                        // its head is there
  virtual bool take(std::string_view piece) = 0;  // false: no more, which is no error
};

class ApiClient {
 public:
  struct Server {
    std::string host;  // as it stands in the certificate; IPv6 without brackets
    std::uint16_t port = 0;
    std::string ca_file;
    std::string token_file;
    std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);  // for each address
  };
  // Borrows the clock. Throws std::system_error when there is no thread for its time-outs.
  ApiClient(Server server, const Clock& clock);
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;
  ~ApiClient() = default;

  // One thread. With a token that is refused the file is read anew, and asked once more if that has another.
  [[nodiscard]] ApiAnswer get(const ApiRequest& request, ApiBody& body);

  // Any thread, for good.
  void stop();

  [[nodiscard]] const Server& server() const { return server_; }

 private:
  class Reader;
  [[nodiscard]] ApiAnswer attempt(const ApiRequest& request, const std::string& token, ApiBody& body);
  [[nodiscard]] ApiAnswer explain(const HttpAnswer& answer, const std::string& text) const;
  [[nodiscard]] std::shared_ptr<HttpConnection> connection();
  void drop_connection();
  void cut();

  const Server server_;
  const Clock& clock_;
  TokenFile token_;
  FileMark ca_mark_;
  mutable std::mutex mutex_;
  std::shared_ptr<HttpConnection> connection_;  // guarded by mutex_
  bool stopped_ = false;                        // guarded by mutex_
  Alarm alarm_;                                 // last: it uses the connection
};

}  // namespace bongsu
