// SPDX-License-Identifier: Apache-2.0
#include "config/lists.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

namespace bongsu {
namespace {

Status check_retry(const RetryConfig& retry) {
  return retry.first_ns > retry.max_ns ? fail("retry.first is longer than retry.max", "raise max or lower first")
                                       : Status();
}

Status check_tls(const TlsConfig& tls) {
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return fail("tls.cert_file and tls.key_file belong together", "give both, or neither");
  }
  return {};
}

Status check_webhook(const Elements& elements) {
  const WebhookConfig& webhook = elements.webhook;
  if ((webhook.format == payload_format("template")) == webhook.template_json.empty()) {
    return webhook.template_json.empty()
               ? fail("the format template has no template", "add \"template\": {...}, see docs/payloads.md")
               : fail("a template that is not used", "add \"format\": \"template\", or remove it");
  }
  if (!webhook.elastic_index.empty() && webhook.format != payload_format("elastic")) {
    return fail("elastic.index is not used", "add \"format\": \"elastic\", or remove it");
  }
  if (webhook.url.starts_with("http://") && webhook.tls != TlsConfig{}) {
    return fail("tls is not used with http://", "write https://, or remove it");
  }
  const auto is_authorization = [](const auto& header) {
    return ::strcasecmp(header.first.c_str(), "authorization") == 0;
  };
  if (!webhook.bearer_token_file.empty() && std::ranges::any_of(webhook.headers, is_authorization)) {
    return fail("both a header Authorization and bearer_token_file", "remove one of them");
  }
  const Status retry = check_retry(webhook.retry);
  return retry ? check_tls(webhook.tls) : retry;
}

Status check_file(const Elements&) { return {}; }

Status check_syslog(const Elements& elements) {
  if (!elements.syslog.address.starts_with("tls://") && elements.syslog.tls != TlsConfig{}) {
    return fail("tls is not used with " + elements.syslog.address, "write tls://, or remove it");
  }
  const Status retry = check_retry(elements.syslog.retry);
  return retry ? check_tls(elements.syslog.tls) : retry;
}

Status check_unix_socket(const Elements& elements) { return check_retry(elements.unix_socket.retry); }

template <auto kList, auto kElement>
ConfigList list(std::string_view path, std::string_view what, std::string_view noun, std::string_view primary,
                const std::vector<std::string_view>& required, Status (*check)(const Elements&)) {
  return {.path = path,
          .what = what,
          .noun = noun,
          .primary = primary,
          .required = required,
          .check = check,
          .clear = [](Config& config) { (config.*kList).clear(); },
          .add = [](Config& config, const Elements& elements) { (config.*kList).push_back(elements.*kElement); },
          .append =
              [](Config& config, const Config& from) {
                (config.*kList).insert((config.*kList).end(), (from.*kList).begin(), (from.*kList).end());
              },
          .all =
              [](Config& config) {
                std::vector<DestinationConfig*> all;
                for (DestinationConfig& one : config.*kList) {
                  all.push_back(&one);
                }
                return all;
              }};
}

}  // namespace

std::span<const ConfigList> config_lists() {
  static const std::array kLists = {
      list<&Config::webhooks, &Elements::webhook>("webhooks", "webhook", "webhook", "url", {"url", "url_file"},
                                                  check_webhook),
      list<&Config::files, &Elements::file>("files", "file", "file", "path", {"path"}, check_file),
      list<&Config::syslog, &Elements::syslog>("syslog", "syslog", "syslog server", "address", {"address"},
                                               check_syslog),
      list<&Config::unix_sockets, &Elements::unix_socket>("unix_sockets", "unix", "socket", "path", {"path"},
                                                          check_unix_socket),
  };
  return kLists;
}

const ConfigList* find_list(std::string_view path) {
  const auto found = std::ranges::find(config_lists(), path, &ConfigList::path);
  return found == config_lists().end() ? nullptr : &*found;
}

namespace {

// Two that use one spool would take each other's alerts; and who has no name of its own would take another's when the
// list changes.
Status check_spools(const Config& config) {
  std::set<std::string, std::less<>> taken;
  const auto check = [&](const auto& destinations) -> Status {
    for (const auto& one : destinations) {
      const std::string directory = spool_of(config, one, one.spool).directory;
      if (directory.empty()) {
        continue;
      }
      if (one.unnamed && one.spool.directory.empty()) {
        return fail("a destination without a name has no place in spool.directory",
                    "give each webhook, syslog server and unix socket a name");
      }
      if (!taken.insert(std::filesystem::path(directory).lexically_normal().string()).second) {
        return fail("two destinations have the spool " + directory, "give each its own directory");
      }
    }
    return {};
  };
  Status checked = check(config.webhooks);
  checked = checked ? check(config.syslog) : checked;
  return checked ? check(config.unix_sockets) : checked;
}

}  // namespace

Status name_destinations(Config& config) {
  std::set<std::string, std::less<>> taken = {"stdout"};
  for (const ConfigList& list : config_lists()) {
    for (const DestinationConfig* one : list.all(config)) {
      if (!one->name.empty() && !taken.insert(one->name).second) {
        return fail("two destinations are named " + one->name, "give each its own name");
      }
    }
  }
  for (const ConfigList& list : config_lists()) {
    std::size_t number = 1;
    for (DestinationConfig* one : list.all(config)) {
      while (one->name.empty()) {
        std::string name = std::string(list.what) + "-" + std::to_string(number++);
        if (taken.insert(name).second) {
          one->name = std::move(name);
          one->unnamed = true;
        }
      }
    }
  }
  return check_spools(config);
}

SpoolConfig spool_of(const Config& config, const DestinationConfig& destination, SpoolConfig own) {
  if (own.directory.empty() && !config.spool_directory.empty()) {
    own.directory = config.spool_directory + "/" + destination.name;
  }
  return own;
}

}  // namespace bongsu
