// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_channel.h"

#include <httplib.h>

#include <fstream>
#include <sstream>

#include "http/retry_after.h"

namespace bongsu {
namespace {

Attempt judge(const HttpAnswer& answer, const Clock& clock) {
  if (answer.status == 0) {
    return Attempt::retry(answer.failure);
  }
  if (answer.status >= 200 && answer.status < 300) {
    return {};
  }
  std::string reason = "the server answered " + std::to_string(answer.status);
  if (answer.status == 429 || answer.status >= 500) {
    Attempt attempt = Attempt::retry(std::move(reason));
    attempt.wait = parse_retry_after(answer.retry_after, clock.wall_ns());
    return attempt;
  }
  return Attempt::rejected(reason + ": the alert is lost");
}

}  // namespace

Result<std::unique_ptr<HttpChannel>> HttpChannel::make(Options options, const Clock& clock) {
  if (options.peer.https && options.peer.verify && !options.peer.ca_file.empty()) {
    std::ifstream file(options.peer.ca_file);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      return fail(options.peer.ca_file + ": no certificates can be read from it", "tls.ca_file names a PEM file");
    }
  }
  return std::unique_ptr<HttpChannel>(new HttpChannel(std::move(options), clock));
}

HttpChannel::HttpChannel(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), connection_(options_.peer) {}

Attempt HttpChannel::send(Alerts alerts) {
  const Alert& alert = *alerts.front();
  httplib::Request request;
  request.method = "POST";
  request.path = options_.target;
  request.body = alert.json;
  for (const auto& [name, value] : options_.headers) {
    request.headers.emplace(name, value);
  }
  request.headers.emplace("Content-Type", options_.content_type);
  request.headers.emplace("User-Agent", options_.user_agent);
  // A retry may reach a receiver that has the alert already: this is how it can tell.
  request.headers.emplace("Idempotency-Key", alert.id);
  request.headers.emplace("X-Bongsu-Event-Id", alert.id);
  return judge(connection_.send(request), clock_);
}

void HttpChannel::interrupt() { connection_.interrupt(); }

}  // namespace bongsu
