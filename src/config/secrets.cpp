// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "config/url.h"

namespace bongsu {
namespace {

// Far above any token or URL; a file beyond it is another one than was meant.
constexpr std::size_t kMaxSecretBytes = 64 << 10;
constexpr std::size_t kMaxAuthoritiesBytes = 4 << 20;  // the system's bundles have about 200 KiB
constexpr std::string_view kSpace = " \t\r\n";

Result<std::string> read_trimmed(const std::string& path, std::size_t max_bytes = kMaxSecretBytes) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string text(max_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.eof()) {
    return stream.gcount() > 0 ? fail(path + ": larger than " + std::to_string(max_bytes / 1024) + " KiB",
                                      "name the file with the secret alone")
                               : fail_errno(path, errno == 0 ? EIO : errno);
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string::npos) {
    return fail(path + ": empty", "write the secret into it");
  }
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// It becomes a line of the request (RFC 9110, 5.5).
bool may_be_sent(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

Status read_url(WebhookConfig& webhook) {
  auto text = read_trimmed(webhook.url_file);
  if (!text) {
    return tl::make_unexpected(text.error());
  }
  if (const auto url = parse_url(*text); !url) {
    return fail(webhook.url_file + ": " + url.error().message, url.error().hint);
  }
  webhook.url = *std::move(text);
  return {};
}

Status read_token(WebhookConfig& webhook) {
  auto token = read_trimmed(webhook.bearer_token_file);
  if (!token) {
    return tl::make_unexpected(token.error());
  }
  if (!may_be_sent(*token)) {
    return fail(webhook.bearer_token_file + ": not a token", "it may hold no spaces and no control characters");
  }
  webhook.bearer_token = *std::move(token);
  return {};
}

Status read_key(WebhookConfig& webhook) {
  auto key = read_trimmed(webhook.hmac_key_file);
  if (!key) {
    return tl::make_unexpected(key.error());
  }
  webhook.hmac_key = *std::move(key);
  return {};
}

// They are read again with the first connection: what counts here is whether they are others.
Status read_tls(TlsConfig& tls) {
  tls.digest.clear();
  for (const std::string& file : {tls.ca_file, tls.cert_file, tls.key_file}) {
    if (file.empty()) {
      continue;
    }
    const auto text = read_trimmed(file, kMaxAuthoritiesBytes);
    if (!text) {
      return tl::make_unexpected(text.error());
    }
    const Sha256 digest = sha256(*text);
    tls.digest.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  }
  return {};
}

void add_tls(std::vector<std::string>& files, const TlsConfig& tls) {
  files.insert(files.end(), {tls.ca_file, tls.cert_file, tls.key_file});
}

}  // namespace

Status read_secrets(WebhookConfig& webhook) {
  Status read = webhook.url_file.empty() ? Status{} : read_url(webhook);
  if (read && !webhook.bearer_token_file.empty()) {
    read = read_token(webhook);
  }
  if (read && !webhook.hmac_key_file.empty()) {
    read = read_key(webhook);
  }
  if (read) {
    read = read_tls(webhook.tls);
  }
  return read ? Status{} : fail("webhook " + webhook.name + ": " + read.error().message, read.error().hint);
}

Status read_secrets(SyslogConfig& syslog) {
  const Status read = read_tls(syslog.tls);
  return read ? Status{} : fail("syslog " + syslog.name + ": " + read.error().message, read.error().hint);
}

Status read_secrets(Config& config) {
  for (WebhookConfig& webhook : config.webhooks) {
    if (Status read = read_secrets(webhook); !read) {
      return read;
    }
  }
  for (SyslogConfig& syslog : config.syslog) {
    if (Status read = read_secrets(syslog); !read) {
      return read;
    }
  }
  return {};
}

std::vector<std::filesystem::path> secret_files(const Config& config) {
  std::vector<std::string> named;
  for (const WebhookConfig& webhook : config.webhooks) {
    named.insert(named.end(), {webhook.url_file, webhook.bearer_token_file, webhook.hmac_key_file});
    add_tls(named, webhook.tls);
  }
  for (const SyslogConfig& syslog : config.syslog) {
    add_tls(named, syslog.tls);
  }
  std::erase(named, "");
  return {named.begin(), named.end()};
}

}  // namespace bongsu
