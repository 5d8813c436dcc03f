// SPDX-License-Identifier: Apache-2.0
//
// Alerts by HTTP POST, as many in one request as are given, over one connection that is kept open.
//
// What a receiver can go by, besides the body:
//   Idempotency-Key    the same each time the same alerts come: the alert's id, or for several a UUID made of their ids
//   X-Bongsu-Event-Id  the alert's id, if it is one
//   webhook-id, webhook-timestamp, webhook-signature   with a key: as Standard Webhooks has them; the id is the
//                      Idempotency-Key, the time that of this attempt, the body signed is the one sent (compressed)
#pragma once

#include <httplib.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/connection.h"
#include "http/gzip.h"
#include "payload/format.h"
#include "sinks/channel.h"

namespace bongsu {

class HttpChannel final : public Channel {
 public:
  struct Options {
    std::string name;  // for the log
    HttpConnection::Options peer;
    std::string target = "/";  // path and query
    std::vector<std::pair<std::string, std::string>> headers;
    std::string user_agent;
    std::unique_ptr<PayloadFormat> format;
    std::string hmac_key;  // its bytes; empty: nothing is signed
    bool gzip = false;     // bodies of 1 KiB and more
  };
  // Fails when the CA file, the client's certificate or its key cannot be used. Borrows the clock (for signatures, and
  // dates in Retry-After). Connects with the first alert. The peer's timeout is that of a whole attempt.
  [[nodiscard]] static Result<std::unique_ptr<HttpChannel>> make(Options options, const Clock& clock);

  // 2xx: delivered, but for what the format reads in the answer. 408, 425, 429, 5xx and no answer: retry. Everything
  // else: rejected; redirects are not followed. 413 to several is too large.
  [[nodiscard]] Attempt send(Alerts alerts) override;
  void interrupt() override;

 private:
  HttpChannel(Options options, const Clock& clock);

  [[nodiscard]] httplib::Request request(Alerts alerts);
  void sign(httplib::Request& request, const std::string& key) const;
  [[nodiscard]] Attempt judge(const HttpAnswer& answer, std::size_t count) const;

  Options options_;
  const Clock& clock_;
  Gzip gzip_;
  HttpConnection connection_;
};

}  // namespace bongsu
