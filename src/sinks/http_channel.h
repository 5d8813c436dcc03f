// SPDX-License-Identifier: Apache-2.0
//
// Alerts by HTTP POST, one request each, over one connection that is kept open. What the answer's body says is not
// read.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/connection.h"
#include "sinks/channel.h"

namespace bongsu {

class HttpChannel final : public Channel {
 public:
  struct Options {
    HttpConnection::Options peer;
    std::string target = "/";  // path and query
    std::vector<std::pair<std::string, std::string>> headers;
    std::string user_agent;
    std::string content_type = "application/json";
  };
  // Fails when the CA file cannot be used. Borrows the clock (for dates in Retry-After). Connects with the first alert.
  [[nodiscard]] static Result<std::unique_ptr<HttpChannel>> make(Options options, const Clock& clock);

  // 2xx: delivered. 429, 5xx and no answer: retry. Everything else: rejected; redirects are not followed.
  [[nodiscard]] Attempt send(Alerts alerts) override;
  void interrupt() override;

 private:
  HttpChannel(Options options, const Clock& clock);

  Options options_;
  const Clock& clock_;
  HttpConnection connection_;
};

}  // namespace bongsu
