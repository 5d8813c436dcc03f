// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/strings.h"
#include "config/keys.h"
#include "config/load.h"
#include "config/units.h"

namespace bongsu {
namespace {

using testing::HasSubstr;

TEST(ConfigSchema, HasEverySupportedKeyAndRefusesOthers) {
  const auto schema = nlohmann::json::parse(config_schema());
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["additionalProperties"], false);
  const auto& top = schema["properties"];
  EXPECT_EQ(top["http"]["properties"]["listen"]["default"], "127.0.0.1:9464");
  EXPECT_EQ(top["http"]["additionalProperties"], false);
  EXPECT_EQ(top["stdout"]["properties"]["min_severity"]["enum"].size(), 5U);
  EXPECT_EQ(top["sensor"]["properties"]["ring_bytes"]["default"], "8MiB");
  EXPECT_EQ(top["webhooks"]["type"], "array");
  const auto& webhook = top["webhooks"]["items"];
  EXPECT_EQ(webhook["oneOf"][0]["required"][0], "url");
  EXPECT_EQ(webhook["oneOf"][1]["required"][0], "url_file");
  EXPECT_EQ(webhook["additionalProperties"], false);
  EXPECT_EQ(webhook["properties"]["retry"]["properties"]["max"]["default"], "1m");
  EXPECT_EQ(webhook["properties"]["tls"]["properties"]["verify"]["default"], true);
  EXPECT_EQ(top["heartbeat"]["default"], "1m");
  EXPECT_EQ(top["sensor"]["properties"]["events_per_second"]["default"], 20'000);
  EXPECT_EQ(top["kubernetes"]["properties"]["labels"]["default"][0], "*");
  EXPECT_EQ(top["redact"]["properties"]["enabled"]["default"], true);
  EXPECT_EQ(webhook["properties"]["spool"]["properties"]["max_bytes"]["default"], "256MiB");
  EXPECT_EQ(webhook["properties"]["format"]["default"], "json");
  EXPECT_EQ(top["files"]["items"]["oneOf"][0]["required"][0], "path");
}

TEST(ConfigSchema, DefaultsAreThemselvesAValidFile) {
  const auto schema = nlohmann::json::parse(config_schema());
  const std::function<nlohmann::json(const nlohmann::json&)> defaults = [&](const nlohmann::json& object) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [name, property] : object["properties"].items()) {
      if (property.contains("default")) {
        out[name] = property["default"];
      } else if (property.contains("properties")) {
        out[name] = defaults(property);
      }
    }
    return out;
  };
  nlohmann::json file = defaults(schema);
  const auto element = [&](const char* list, const char* key, const char* value) {
    file[list] = nlohmann::json::array({defaults(schema["properties"][list]["items"])});
    file[list][0][key] = value;
  };
  element("webhooks", "url", "http://h/");
  element("files", "path", "/f");
  element("syslog", "address", "udp://h");
  element("unix_sockets", "path", "/s");
  const auto config = parse_config(file.dump(), "defaults");
  ASSERT_TRUE(config) << config.error().to_string() << file.dump(2);
  EXPECT_EQ(config->http.listen, Config{}.http.listen);
  EXPECT_EQ(config->webhooks[0].timeout_ns, WebhookConfig{}.timeout_ns);
  EXPECT_EQ(config->files[0].sync, FileConfig{}.sync);
  EXPECT_EQ(config->syslog[0].facility, SyslogConfig{}.facility);
}

TEST(ConfigReference, NamesEveryKeyOnceWithItsVariable) {
  const std::string reference = config_reference();
  for (const Key& key : config_keys()) {
    if (key.status != KeyStatus::ignored) {
      EXPECT_THAT(reference, HasSubstr("`" + std::string(key.path) + "`"));
    }
    if (key.status == KeyStatus::supported || key.status == KeyStatus::at_start) {
      EXPECT_FALSE(key.doc.empty()) << key.path;
      EXPECT_FALSE(expected(key).empty()) << key.path;
    }
  }
  EXPECT_THAT(reference, HasSubstr("| `http.listen` | a string | `\"127.0.0.1:9464\"` | `BONGSU_HTTP_LISTEN` |"));
}

TEST(ConfigKeys, PathsAndVariablesAreUnique) {
  std::set<std::string> seen;
  for (const Key& key : config_keys()) {
    EXPECT_TRUE(seen.insert(std::string(key.path)).second) << key.path;
    const std::string variable = variable_name(key.path);
    EXPECT_TRUE(variable.empty() || seen.insert(variable).second) << variable;
  }
}

TEST(ConfigUnits, WriteWhatTheyRead) {
  for (const std::int64_t value : {0L, 1L, 999L, 1000L, 90'000'000'000L, 60'000'000'000L, 86'400'000'000'000L}) {
    std::int64_t back = -1;
    EXPECT_TRUE(parse_duration_ns(format_duration_ns(value), back)) << format_duration_ns(value);
    EXPECT_EQ(back, value);
    EXPECT_TRUE(parse_size_bytes(format_size_bytes(value), back)) << format_size_bytes(value);
    EXPECT_EQ(back, value);
  }
  EXPECT_EQ(format_duration_ns(90'000'000'000), "90s");
  EXPECT_EQ(format_size_bytes(64 << 10), "64KiB");
}

}  // namespace
}  // namespace bongsu
