// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_channel.h"

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/log.h"
#include "base/sha256.h"
#include "http/retry_after.h"
#include "http/webhook_signature.h"

namespace bongsu {
namespace {

// Of an answer that may say what became of each alert.
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;
// Of any other, which is read only so that the connection can be kept.
constexpr std::size_t kMaxIgnoredBytes = std::size_t{64} << 10;
// Below that, gzip's head and tables cost about what they save.
constexpr std::size_t kMinGzipBytes = 1024;

class AnswerReader final : public HttpReader {
 public:
  void head(const HttpAnswer& answer) override { good_ = answer.status >= 200 && answer.status < 300; }
  bool body(std::string_view piece) override {
    bytes_ += piece.size();
    if (!good_) {
      return bytes_ <= kMaxIgnoredBytes;
    }
    text_.append(piece.substr(0, kMaxAnswerBytes - text_.size()));
    return bytes_ <= kMaxAnswerBytes;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool good_ = false;
  std::size_t bytes_ = 0;
  std::string text_;
};

// The ids' own shape: a UUID of version 8, which is the maker's to fill (RFC 9562, 5.8).
std::string key_of(Alerts alerts) {
  if (alerts.size() == 1) {
    return alerts.front()->id;
  }
  std::string ids;
  for (const auto& alert : alerts) {
    ids += alert->id;
    ids += '\n';
  }
  const Sha256 digest = sha256(ids);
  constexpr std::size_t kUuidBytes = 16;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string key;
  key.reserve(2 * kUuidBytes + 4);
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    auto byte = std::to_integer<unsigned>(digest.at(i));
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      key += '-';
    }
    if (i == 6) {
      byte = 0x80U | (byte & 15U);  // version
    } else if (i == 8) {
      byte = 0x80U | (byte & 63U);  // variant
    }
    key += kDigits[byte >> 4U];
    key += kDigits[byte & 15U];
  }
  return key;
}

Status check_authorities(const HttpConnection::Options& peer) {
  if (!peer.https || !peer.verify || peer.ca_file.empty()) {
    return {};
  }
  std::ifstream file(peer.ca_file);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return fail(peer.ca_file + ": no certificates can be read from it", "tls.ca_file names a PEM file");
  }
  return {};
}

// What the same request may meet with another answer, later.
bool is_passing(int status) {
  constexpr int kRequestTimeout = 408;
  constexpr int kTooEarly = 425;
  constexpr int kTooManyRequests = 429;
  return status < 200 || status == kRequestTimeout || status == kTooEarly || status == kTooManyRequests ||
         status >= 500;
}

}  // namespace

Result<std::unique_ptr<HttpChannel>> HttpChannel::make(Options options, const Clock& clock) {
  if (const Status read = check_authorities(options.peer); !read) {
    return tl::make_unexpected(read.error());
  }
  if (options.peer.https && !options.peer.verify) {
    log::warn("{}: tls.verify is off: alerts go to whoever answers at {}, which anybody on the way can be",
              options.name, options.peer.host);
  }
  options.peer.total_timeout = options.peer.timeout;
  try {
    std::unique_ptr<HttpChannel> channel(new HttpChannel(std::move(options), clock));
    if (const Status& usable = channel->connection_.usable(); !usable) {
      return tl::make_unexpected(usable.error());
    }
    return channel;
  } catch (const std::system_error& error) {
    return fail(std::string("no thread for its timeout: ") + error.what());
  }
}

HttpChannel::HttpChannel(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), connection_(options_.peer) {}

Attempt HttpChannel::send(Alerts alerts) {
  httplib::Request post = request(alerts);
  AnswerReader reader;
  const HttpAnswer answer = connection_.send(post, &reader);
  Attempt attempt = judge(answer, alerts.size());
  if (attempt.outcome != Attempt::Outcome::delivered) {
    return attempt;
  }
  if (options_.format->needs_answer() && answer.end == HttpAnswer::End::refused && alerts.size() > 1) {
    attempt = Attempt::retry("the answer is too long to be read");
    attempt.too_large = true;
    return attempt;
  }
  if (options_.format->needs_answer() && answer.end != HttpAnswer::End::complete &&
      answer.end != HttpAnswer::End::refused) {
    return Attempt::retry(answer.failure);
  }
  attempt.refused = options_.format->refused(reader.text(), alerts.size());
  return attempt;
}

httplib::Request HttpChannel::request(Alerts alerts) {
  httplib::Request request;
  request.method = "POST";
  request.path = options_.target;
  request.body = options_.format->body(alerts);
  for (const auto& [name, value] : options_.headers) {
    request.headers.emplace(name, value);
  }
  request.headers.emplace("Content-Type", options_.format->content_type());
  request.headers.emplace("User-Agent", options_.user_agent);
  if (options_.gzip && request.body.size() >= kMinGzipBytes) {
    if (std::string small = gzip_.compress(request.body); !small.empty()) {
      request.body = std::move(small);
      request.headers.emplace("Content-Encoding", "gzip");
    }
  }
  // A retry may reach a receiver that has the alerts already: this is how it can tell.
  const std::string key = key_of(alerts);
  request.headers.emplace("Idempotency-Key", key);
  if (alerts.size() == 1) {
    request.headers.emplace("X-Bongsu-Event-Id", key);
  }
  if (!options_.hmac_key.empty()) {
    sign(request, key);
  }
  return request;
}

void HttpChannel::sign(httplib::Request& request, const std::string& key) const {
  const std::int64_t now_s = clock_.wall_ns() / 1'000'000'000;
  request.headers.emplace("webhook-id", key);
  request.headers.emplace("webhook-timestamp", std::to_string(now_s));
  request.headers.emplace("webhook-signature", webhook_signature(options_.hmac_key, key, now_s, request.body));
}

Attempt HttpChannel::judge(const HttpAnswer& answer, std::size_t count) const {
  constexpr int kContentTooLarge = 413;
  if (answer.status == 0) {
    return Attempt::retry(answer.failure);
  }
  if (answer.status >= 200 && answer.status < 300) {
    return {};
  }
  std::string reason = "the server answered " + std::to_string(answer.status);
  if (is_passing(answer.status)) {
    Attempt attempt = Attempt::retry(std::move(reason));
    attempt.wait = parse_retry_after(answer.retry_after, clock_.wall_ns());
    return attempt;
  }
  if (answer.status < 400) {
    return Attempt::rejected(reason + ": the server redirects, which is not followed: name the final URL");
  }
  Attempt attempt = Attempt::rejected(std::move(reason));
  attempt.too_large = answer.status == kContentTooLarge && count > 1;
  return attempt;
}

void HttpChannel::interrupt() { connection_.interrupt(); }

}  // namespace bongsu
