// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/lists.h"

namespace bongsu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string error_of(const std::string& text) {
  const auto config = parse_config(text, "c.json");
  return config ? "no error" : config.error().to_string();
}

TEST(Config, EmptyObjectIsTheDefaults) {
  const auto config = parse_config("{}", "c.json");
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_THAT(config->rules, ElementsAre("/etc/bongsu/rules.d", "/usr/share/bongsu/rules"));
  EXPECT_EQ(config->stdout_alerts.format, StdoutConfig::Format::automatic);
  EXPECT_EQ(config->stdout_alerts.min_severity, 1);
  EXPECT_TRUE(config->webhooks.empty());
  EXPECT_EQ(config->http.listen, "127.0.0.1:9464");
  EXPECT_EQ(config->sensor.ring_bytes, 8 << 20);
  EXPECT_EQ(config->sensor.events_per_second, 20'000);
  EXPECT_EQ(config->heartbeat_ns, 60'000'000'000);
}

TEST(Config, ReadsEveryKey) {
  const auto config = parse_config(R"({
    "$schema": "x",
    "rules": ["/r1", "/r2"],
    "stdout": {"format": "json", "min_severity": "critical"},
    "webhooks": [{"name": "soc", "url": "https://collector.example:8443/a?b=c", "format": "json",
      "headers": {"X-Cluster": "prod-1", "Authorization": "Bearer t"},
      "tls": {"ca_file": "/ca.pem", "verify": false},
      "retry": {"first": "250ms", "max": "2m"}, "timeout": "3s", "min_severity": "medium", "tags": ["container"]},
      {"url": "http://[::1]:80"}],
    "http": {"listen": "off"},
    "sensor": {"transport": "perf", "hooks": "tracepoint", "ring_bytes": "1MiB", "scope": "containers",
      "events_per_second": 500},
    "heartbeat": "90s"
  })",
                                   "c.json");
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_THAT(config->rules, ElementsAre("/r1", "/r2"));
  EXPECT_EQ(config->stdout_alerts.format, StdoutConfig::Format::json);
  EXPECT_EQ(config->stdout_alerts.min_severity, 5);
  ASSERT_EQ(config->webhooks.size(), 2U);
  const WebhookConfig& soc = config->webhooks[0];
  EXPECT_EQ(soc.name, "soc");
  EXPECT_EQ(soc.url, "https://collector.example:8443/a?b=c");
  EXPECT_THAT(soc.headers, ElementsAre(Pair("X-Cluster", "prod-1"), Pair("Authorization", "Bearer t")));
  EXPECT_EQ(soc.tls.ca_file, "/ca.pem");
  EXPECT_FALSE(soc.tls.verify);
  EXPECT_EQ(soc.retry.first_ns, 250'000'000);
  EXPECT_EQ(soc.retry.max_ns, 120'000'000'000);
  EXPECT_EQ(soc.timeout_ns, 3'000'000'000);
  EXPECT_EQ(soc.min_severity, 3);
  EXPECT_THAT(soc.tags, ElementsAre("container"));
  EXPECT_EQ(config->webhooks[1].name, "webhook-1");
  EXPECT_EQ(config->http.listen, "off");
  EXPECT_EQ(config->sensor.transport, SensorConfig::Transport::perf);
  EXPECT_EQ(config->sensor.hooks, SensorConfig::Hooks::tracepoint);
  EXPECT_EQ(config->sensor.ring_bytes, 1 << 20);
  EXPECT_EQ(config->sensor.scope, SensorConfig::Scope::containers);
  EXPECT_EQ(config->sensor.events_per_second, 500);
  EXPECT_EQ(config->heartbeat_ns, 90'000'000'000);
}

TEST(Config, ACountIsAWholeNumber) {
  const auto none = parse_config(R"({"sensor": {"events_per_second": 0}})", "c.json");
  ASSERT_TRUE(none) << none.error().to_string();
  EXPECT_EQ(none->sensor.events_per_second, 0);
  EXPECT_EQ(error_of(R"({"sensor": {"events_per_second": -1}})"),
            "c.json:1:34: /sensor/events_per_second: expected a whole number, 0 or more");
  for (const char* value : {R"("500")", "1.5", "true", "null", "[1]", "18446744073709551616"}) {
    EXPECT_THAT(error_of(R"({"sensor": {"events_per_second": )" + std::string(value) + "}}"),
                HasSubstr("/sensor/events_per_second: expected a whole number, 0 or more"))
        << value;
  }
}

TEST(Config, EveryKindOfHooksCanBeAskedFor) {
  using Hooks = SensorConfig::Hooks;
  for (const auto& [name, hooks] : {std::pair("auto", Hooks::automatic), std::pair("tracepoint", Hooks::tracepoint),
                                    std::pair("fentry", Hooks::fentry), std::pair("syscall", Hooks::syscall)}) {
    const auto config = parse_config(R"({"sensor": {"hooks": ")" + std::string(name) + "\"}}", "c.json");
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(config->sensor.hooks, hooks) << name;
  }
  EXPECT_THAT(error_of(R"({"sensor": {"hooks": "kprobe"}})"), HasSubstr("/sensor/hooks: \"kprobe\" is not known here"));
}

TEST(Config, AHeartbeatHasAUnitAndAMeasure) {
  EXPECT_THAT(error_of(R"({"heartbeat": "60"})"), HasSubstr("/heartbeat: \"60\" is not a time with a unit"));
  EXPECT_THAT(error_of(R"({"heartbeat": 60})"), HasSubstr("/heartbeat: expected a time with a unit"));
  EXPECT_THAT(error_of(R"({"heartbeat": "0s"})"), HasSubstr("out of range"));
  EXPECT_THAT(error_of(R"({"heartbeat": "2h"})"), HasSubstr("out of range"));
}

TEST(Config, ErrorsSayWhereWhatAndWhatToDo) {
  EXPECT_EQ(error_of("{\n  \"http\": { \"lisen\": \"off\" }\n}"),
            "c.json:2:13: /http/lisen: unknown key: did you mean listen?");
  EXPECT_EQ(error_of("{\"http\": {\"zzzzzz\": 1}}"),
            "c.json:1:11: /http/zzzzzz: unknown key: the keys here are listen, ready_degraded");
  EXPECT_EQ(error_of("{\"webhook\": []}"), "c.json:1:2: /webhook: unknown key: did you mean webhooks?");
  EXPECT_EQ(error_of(R"({"webhooks": [{"url": "http://h", "retry": {"frist": "1s"}}]})"),
            "c.json:1:45: /webhooks/0/retry/frist: unknown key: did you mean first?");
  EXPECT_EQ(error_of(R"({"sensor": {"transport": "rign"}})"),
            "c.json:1:26: /sensor/transport: \"rign\" is not known here: did you mean ring?");
  EXPECT_EQ(error_of(R"({"sensor": {"ring_bytes": 65536}})"),
            "c.json:1:27: /sensor/ring_bytes: expected a size with a unit, as \"8MiB\", not an integer");
  EXPECT_THAT(error_of(R"({"sensor": {"ring_bytes": "3MiB"}})"), HasSubstr("a power of two from 64KiB to 1GiB"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "timeout": "10"}]})"),
              HasSubstr("/webhooks/0/timeout: \"10\" is not a time with a unit"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "timeout": "0s"}]})"), HasSubstr("out of range"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"name": "a"}]})"), HasSubstr("/webhooks/0: the webhook has no url"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "ftp://h"}]})"), HasSubstr("it begins with http:// or https://"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://u:p@h/"}]})"), HasSubstr("user name or password"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "retry": {"first": "2s", "max": "1s"}}]})"),
              HasSubstr("retry.first is longer than retry.max"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"name": "a", "url": "http://h"}, {"name": "a", "url": "http://h"}]})"),
              HasSubstr("c.json:1:1: two destinations are named a"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "headers": {"A B": "x"}}]})"),
              HasSubstr("not the name of a header"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "headers": {"A": "x\r\nB: y"}}]})"),
              HasSubstr("control character"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "headers": {"content-LENGTH": "1"}}]})"),
              HasSubstr("set by bongsu itself"));
  EXPECT_EQ(error_of(R"({"rules": ["/a", 1]})"), "c.json:1:18: /rules/1: expected a string, not an integer");
  EXPECT_THAT(error_of(R"({"rules": []})"), HasSubstr("the list is empty"));
  EXPECT_THAT(error_of("[]"), HasSubstr("c.json:1:1: expected an object, not an array"));
  EXPECT_THAT(error_of("{\"rules\": "), HasSubstr("c.json:1:11: expected a value"));
  EXPECT_THAT(error_of(R"({"http": {"listen": "9464"}})"), HasSubstr("HOST:PORT"));
}

TEST(Config, AWebhookHasOneUrl) {
  EXPECT_EQ(error_of(R"({"webhooks": [{"url_file": "/run/url"}]})"), "no error");
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "url_file": "/run/url"}]})"),
              HasSubstr("both url and url_file"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"name": "a"}]})"), HasSubstr("the webhook has no url"));
}

TEST(Config, ReadsWhatADestinationCanHave) {
  const auto config = parse_config(R"({
    "webhooks": [{"url": "https://h", "format": "template", "template": {"a": ["{rule.name}", 1, 0.5, null, true]},
      "hmac_key_file": "/k", "tls": {"cert_file": "/c", "key_file": "/p"}, "proxy": false, "gzip": true,
      "batch": {"max_alerts": 100, "max_bytes": "2MiB", "max_wait": "50ms"}, "heartbeat": "1m",
      "spool": {"directory": "/s", "max_bytes": "2MiB"}, "dead_letter": {"file": "/d", "max_bytes": "8KiB"}},
      {"name": "es", "url": "http://i", "format": "elastic", "elastic": {"index": "logs-x-y"}}],
    "files": [{"path": "/f", "rotate": {"max_bytes": "1MiB", "max_age": "1d", "keep": 2}, "sync": "always"}],
    "syslog": [{"name": "log", "address": "tls://[::1]", "facility": "local3", "min_severity": "high"}],
    "unix_sockets": [{"name": "x", "path": "/run/x.sock", "timeout": "1s"}],
    "spool": {"directory": "/var/spool"}, "redact": {"enabled": false, "patterns": ["a(b)c"]}
  })",
                                   "c.json");
  ASSERT_TRUE(config) << config.error().to_string();
  const WebhookConfig& webhook = config->webhooks.at(0);
  EXPECT_EQ(webhook.template_json, R"({"a":["{rule.name}",1,0.5,null,true]})");
  EXPECT_EQ(webhook.hmac_key_file, "/k");
  EXPECT_EQ(webhook.tls.cert_file, "/c");
  EXPECT_EQ(webhook.tls.key_file, "/p");
  EXPECT_FALSE(webhook.proxy);
  EXPECT_TRUE(webhook.gzip);
  EXPECT_EQ(webhook.batch_max_alerts, 100);
  EXPECT_EQ(webhook.batch_max_bytes, 2 << 20);
  EXPECT_EQ(webhook.batch_max_wait_ns, 50'000'000);
  EXPECT_EQ(webhook.heartbeat_ns, 60'000'000'000);
  EXPECT_EQ(webhook.spool, (SpoolConfig{"/s", 2 << 20}));
  EXPECT_EQ(webhook.dead_letter_file, "/d");
  EXPECT_EQ(webhook.dead_letter_max_bytes, 8 << 10);
  EXPECT_EQ(config->webhooks.at(1).elastic_index, "logs-x-y");
  EXPECT_EQ(config->files.at(0).path, "/f");
  EXPECT_EQ(config->files.at(0).rotate_max_bytes, 1 << 20);
  EXPECT_EQ(config->files.at(0).rotate_max_age_ns, 86'400'000'000'000);
  EXPECT_EQ(config->files.at(0).rotate_keep, 2);
  EXPECT_EQ(config->files.at(0).sync, FileConfig::Sync::always);
  EXPECT_EQ(config->syslog.at(0).facility, 19);
  EXPECT_EQ(config->syslog.at(0).min_severity, 4);
  EXPECT_EQ(config->unix_sockets.at(0).timeout_ns, 1'000'000'000);
  EXPECT_THAT(config->redact.patterns, ElementsAre("a(b)c"));
  EXPECT_FALSE(config->redact.enabled);
  EXPECT_EQ(spool_of(*config, webhook, webhook.spool).directory, "/s");
  EXPECT_EQ(spool_of(*config, config->webhooks[1], config->webhooks[1].spool).directory, "/var/spool/es");
}

TEST(Config, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "format": "template"}]})"), HasSubstr("has no template"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "template": {}}]})"), HasSubstr("not used"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "elastic": {"index": "i"}}]})"), HasSubstr("not used"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "https://h", "tls": {"cert_file": "c"}}]})"),
              HasSubstr("/webhooks/0: tls.cert_file and tls.key_file belong together"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "format": "slak"}]})"), HasSubstr("not known here"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "batch": {"max_alerts": 0}}]})"),
              HasSubstr("from 1 to 10000"));
  EXPECT_THAT(error_of(R"({"files": [{"path": "f"}]})"), HasSubstr("not an absolute path"));
  EXPECT_THAT(error_of(R"({"files": [{"name": "f"}]})"), HasSubstr("the file has no path"));
  EXPECT_THAT(error_of(R"({"files": [{"path": "/f", "name": "a"}], "syslog": [{"address": "udp://h", "name": "a"}]})"),
              HasSubstr("two destinations are named a"));
  EXPECT_THAT(error_of(R"({"files": [{"path": "/f", "name": "stdout"}]})"), HasSubstr("two destinations"));
  EXPECT_THAT(error_of(R"({"syslog": [{"address": "http://h"}]})"), HasSubstr("udp://, tcp:// or tls://"));
  EXPECT_THAT(error_of(R"({"syslog": [{"address": "udp://h:0"}]})"), HasSubstr("no valid host and port"));
  EXPECT_THAT(error_of(R"({"unix_sockets": [{"path": ")" + std::string(108, '/') + R"("}]})"), HasSubstr("107 bytes"));
  EXPECT_THAT(error_of(R"({"syslog": [{"address": "udp://h", "tls": {"verify": false}}]})"),
              HasSubstr("tls is not used"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "tls": {"ca_file": "/c"}}]})"),
              HasSubstr("tls is not used"));
  EXPECT_THAT(
      error_of(R"({"webhooks": [{"url": "https://h", "bearer_token_file": "/t", "headers": {"authorization": "x"}}]})"),
      HasSubstr("remove one of them"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "name": ".."}]})"), HasSubstr("not a name"));
  EXPECT_THAT(error_of(R"({"spool": {"directory": "s"}})"), HasSubstr("not an absolute path"));
  EXPECT_THAT(error_of(R"({"spool": {"directory": "/s"}, "webhooks": [{"url": "http://h"}]})"),
              HasSubstr("without a name"));
  EXPECT_THAT(error_of(R"({"webhooks": [{"url": "http://h", "spool": {"directory": "/s"}},
                           {"url": "http://i", "spool": {"directory": "/t/../s"}}]})"),
              HasSubstr("two destinations have the spool"));
  EXPECT_THAT(error_of(R"({"redact": {"patterns": ["a("]}})"), HasSubstr("not a regular expression: a("));
}

TEST(Config, VariablesStandOverTheFile) {
  auto config = parse_config(R"({"http": {"listen": "off"}, "webhooks": [{"url": "http://a"}]})", "c.json");
  ASSERT_TRUE(config);
  const auto status = apply_environment(*config, {{"BONGSU_HTTP_LISTEN", "0.0.0.0:1"},
                                                  {"BONGSU_RULES", R"(["/a","/b"])"},
                                                  {"BONGSU_SENSOR_RING_BYTES", "128KiB"},
                                                  {"BONGSU_SENSOR_EVENTS_PER_SECOND", "50"},
                                                  {"BONGSU_SENSOR_HOOKS", "syscall"},
                                                  {"BONGSU_HEARTBEAT", "1s"},
                                                  {"BONGSU_STDOUT_MIN_SEVERITY", "high"},
                                                  {"BONGSU_WEBHOOKS", R"([{"url":"http://b"},{"url":"http://c"}])"},
                                                  {"HOME", "/root"},
                                                  {"BONGSUX", "1"}});
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(config->http.listen, "0.0.0.0:1");
  EXPECT_THAT(config->rules, ElementsAre("/a", "/b"));
  EXPECT_EQ(config->sensor.ring_bytes, 128 << 10);
  EXPECT_EQ(config->sensor.events_per_second, 50);
  EXPECT_EQ(config->sensor.hooks, SensorConfig::Hooks::syscall);
  EXPECT_EQ(config->heartbeat_ns, 1'000'000'000);
  EXPECT_EQ(config->stdout_alerts.min_severity, 4);
  ASSERT_EQ(config->webhooks.size(), 2U);
  EXPECT_EQ(config->webhooks[1].name, "webhook-2");
}

std::string environment_error(const Environment& environment) {
  Config config;
  const auto status = apply_environment(config, environment);
  return status ? "no error" : status.error().to_string();
}

TEST(Config, BadVariablesAreErrors) {
  EXPECT_EQ(environment_error({{"BONGSU_HTTP_LISEN", "x"}}),
            "BONGSU_HTTP_LISEN: unknown variable: did you mean BONGSU_HTTP_LISTEN?");
  EXPECT_THAT(environment_error({{"BONGSU_HTTP_LISTEN", "x"}}), HasSubstr("BONGSU_HTTP_LISTEN: not an address"));
  EXPECT_THAT(environment_error({{"BONGSU_WEBHOOKS", R"([{"url":"http://b"},{"ulr":"http://c"}])"}}),
              HasSubstr("BONGSU_WEBHOOKS:1:22: /1/ulr: unknown key: did you mean url?"));
  EXPECT_THAT(environment_error({{"BONGSU_WEBHOOKS", "[{"}}), HasSubstr("BONGSU_WEBHOOKS:1:3: expected a key"));
  for (const char* value : {"-1", "many", "5x", "", " 5", "1.5", "99999999999999999999"}) {
    EXPECT_THAT(environment_error({{"BONGSU_SENSOR_EVENTS_PER_SECOND", value}}),
                HasSubstr("expected a whole number, 0 or more"))
        << value;
  }
}

TEST(Config, ServiceLinksOfKubernetesAreNotOurs) {
  EXPECT_EQ(environment_error({{"BONGSU_SERVICE_HOST", "10.0.0.1"},
                               {"BONGSU_SERVICE_PORT", "9464"},
                               {"BONGSU_SERVICE_PORT_METRICS", "9464"},
                               {"BONGSU_PORT", "tcp://10.0.0.1:9464"},
                               {"BONGSU_PORT_9464_TCP", "tcp://10.0.0.1:9464"},
                               {"BONGSU_PORT_9464_TCP_PROTO", "tcp"},
                               {"BONGSU_PORT_9464_TCP_PORT", "9464"},
                               {"BONGSU_METRICS_PORT_53_UDP_ADDR", "10.0.0.1"}}),
            "no error");
  EXPECT_THAT(environment_error({{"BONGSU_PORT", "9464"}}), HasSubstr("unknown variable"));
  EXPECT_THAT(environment_error({{"BONGSU_PORT_9464_TPC", "1"}}), HasSubstr("unknown variable"));
}

TEST(Config, FlagsGoThroughTheSameChecks) {
  Config config;
  EXPECT_TRUE(set_config(config, "stdout.format", "json"));
  EXPECT_EQ(config.stdout_alerts.format, StdoutConfig::Format::json);
  EXPECT_TRUE(set_config(config, "rules", "/only"));
  EXPECT_TRUE(add_config(config, "rules", "/more"));
  EXPECT_THAT(config.rules, ElementsAre("/only", "/more"));
  EXPECT_TRUE(add_config(config, "webhooks", "http://a/"));
  EXPECT_TRUE(add_config(config, "webhooks", "http://b/"));
  ASSERT_EQ(config.webhooks.size(), 2U);
  EXPECT_EQ(config.webhooks[0].name, "webhook-1");
  EXPECT_EQ(config.webhooks[1].name, "webhook-2");
  EXPECT_EQ(config.webhooks[1].url, "http://b/");

  const auto scope = set_config(config, "sensor.scope", "hots");
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().to_string(), "\"hots\" is not known here: did you mean host?");
  const auto webhook = add_config(config, "webhooks", "b");
  ASSERT_FALSE(webhook);
  EXPECT_THAT(webhook.error().to_string(), HasSubstr("http://"));
  EXPECT_FALSE(set_config(config, "webhooks[].url", "http://b"));
  EXPECT_FALSE(set_config(config, "nothing", "1"));
  EXPECT_FALSE(add_config(config, "http.listen", "off"));
  EXPECT_EQ(config.webhooks.size(), 2U);
}

class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(ConfigFiles, AbsentDefaultIsTheDefaultsAbsentChoiceIsAnError) {
  const auto defaults = load_config({folder_ / "none.json", false}, {{"BONGSU_SENSOR_SCOPE", "host"}});
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->sensor.scope, SensorConfig::Scope::host);
  const auto missing = load_config({folder_ / "none.json", true}, {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("none.json: no such file"));
  const auto directory = load_config({folder_, true}, {});
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().to_string(), HasSubstr("is a directory"));
}

TEST_F(ConfigFiles, ReadsTheFileThenTheEnvironment) {
  std::ofstream(folder_ / "c.json") << R"({"sensor": {"scope": "containers", "transport": "ring"}})";
  const auto config = load_config({folder_ / "c.json", true}, {{"BONGSU_SENSOR_SCOPE", "host"}});
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->sensor.scope, SensorConfig::Scope::host);
  EXPECT_EQ(config->sensor.transport, SensorConfig::Transport::ring);
}

}  // namespace
}  // namespace bongsu
