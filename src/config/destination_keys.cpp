// SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"
#include "config/keys.h"
#include "config/slots.h"

namespace bongsu {
namespace {

constexpr std::string_view kSyncs[] = {"never", "interval", "always"};
// RFC 5424, 6.2.1, table 1, from 0.
constexpr std::string_view kFacilities[] = {"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                            "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                            "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                            "local2", "local3", "local4", "local5", "local6",   "local7"};

constexpr auto kSupported = KeyStatus::supported;

#define SLOT(expression) [](Config&, Elements& e [[maybe_unused]]) -> Slot { return expression; }

#define COMMON(LIST, element, example)                                                                               \
  {LIST "[].name",                                                                                                   \
   KeyType::text,                                                                                                    \
   kSupported,                                                                                                       \
   "What logs and metrics call it; `" example "-1`, `" example "-2`, ... when not given.",                           \
   SLOT(&e.element.name),                                                                                            \
   {},                                                                                                               \
   0,                                                                                                                \
   check::name},                                                                                                     \
      {LIST "[].min_severity",        KeyType::choice, kSupported, "Alerts below it are not sent.",                  \
       SLOT(&e.element.min_severity), kSeverityNames,  1},                                                           \
      {LIST "[].tags", KeyType::texts, kSupported, "Only alerts with one of these tags are sent; all when empty.",   \
       SLOT(&e.element.tags)},                                                                                       \
  {                                                                                                                  \
    LIST "[].heartbeat", KeyType::duration, kSupported,                                                              \
        "How often a heartbeat is sent when nothing waits, whatever the filters: silence then means that something " \
        "is "                                                                                                        \
        "wrong. `0s`: never.",                                                                                       \
        SLOT(&e.element.heartbeat_ns), {}, 0, check::interval                                                        \
  }

#define RETRY(LIST, element)                                                                                       \
  {LIST "[].retry.first",                                                                                          \
   KeyType::duration,                                                                                              \
   kSupported,                                                                                                     \
   "The longest wait before the first retry; it doubles with each further one. The real wait is random below it.", \
   SLOT(&e.element.retry.first_ns),                                                                                \
   {},                                                                                                             \
   0,                                                                                                              \
   check::wait},                                                                                                   \
      {LIST "[].retry.max",                                                                                        \
       KeyType::duration,                                                                                          \
       kSupported,                                                                                                 \
       "Where that doubling ends.",                                                                                \
       SLOT(&e.element.retry.max_ns),                                                                              \
       {},                                                                                                         \
       0,                                                                                                          \
       check::wait},                                                                                               \
  {                                                                                                                \
    LIST "[].timeout", KeyType::duration, kSupported, "How long one attempt may take altogether.",                 \
        SLOT(&e.element.timeout_ns), {}, 0, check::wait                                                            \
  }

#define SPOOL(LIST, element)                                                                                 \
  {LIST "[].spool.directory",                                                                                \
   KeyType::text,                                                                                            \
   kSupported,                                                                                               \
   "Where alerts wait on disk until it has taken them; a folder of its own, made when it is not there. See " \
   "`spool.directory`.",                                                                                     \
   SLOT(&e.element.spool.directory),                                                                         \
   {},                                                                                                       \
   0,                                                                                                        \
   check::path},                                                                                             \
  {                                                                                                          \
    LIST "[].spool.max_bytes", KeyType::size, kSupported,                                                    \
        "The most that may wait there; then the oldest of the lowest severity make room.",                   \
        SLOT(&e.element.spool.max_bytes), {}, 0, check::spool_bytes                                          \
  }

#define TLS(LIST, element)                                                                                          \
  {LIST "[].tls.ca_file", KeyType::text, kSupported, "Certificates (PEM) to trust instead of the system's.",        \
   SLOT(&e.element.tls.ca_file)},                                                                                   \
      {LIST "[].tls.cert_file", KeyType::text, kSupported,                                                          \
       "The certificate (PEM, with its chain) that this side shows. Read again when it changes.",                   \
       SLOT(&e.element.tls.cert_file)},                                                                             \
      {LIST "[].tls.key_file", KeyType::text, kSupported, "Its private key (PEM, not encrypted).",                  \
       SLOT(&e.element.tls.key_file)},                                                                              \
  {                                                                                                                 \
    LIST "[].tls.verify", KeyType::boolean, kSupported,                                                             \
        "Check the server's certificate and name. Without it anybody on the way can read and change what is sent: " \
        "this is "                                                                                                  \
        "said in the log.",                                                                                         \
        SLOT(&e.element.tls.verify)                                                                                 \
  }

// clang-format off: one row a key
const Key kKeys[] = {
    {"webhooks", KeyType::objects, kSupported, "HTTP servers that each alert is sent to.", SLOT(std::monostate())},
    COMMON("webhooks", webhook, "webhook"),
    {"webhooks[].url", KeyType::text, kSupported, "Where to POST to; http or https.",
     SLOT(&e.webhook.url), {}, 0, check::url},
    {"webhooks[].url_file", KeyType::text, kSupported, "A file with the URL, where it is a secret; in place of `url`. Read again when it changes.",
     SLOT(&e.webhook.url_file)},
    {"webhooks[].format", KeyType::choice, kSupported, "The body's form, see docs/payloads.md; `json` is the alert as it is.",
     SLOT(&e.webhook.format), kPayloadFormats},
    {"webhooks[].template", KeyType::json, kSupported, "Of the format `template`: any JSON, in whose strings `{field.name}` stands for the alert's field.",
     SLOT(&e.webhook.template_json)},
    {"webhooks[].elastic.index", KeyType::text, kSupported, "Of the format `elastic`: the index or data stream, where the URL does not say it.",
     SLOT(&e.webhook.elastic_index)},
    {"webhooks[].headers", KeyType::text_map, kSupported, "Further headers of each request.",
     SLOT(&e.webhook.headers), {}, 0, check::headers},
    {"webhooks[].bearer_token_file", KeyType::text, kSupported, "A file with the token of each request's `Authorization: Bearer`. Read again when it changes.",
     SLOT(&e.webhook.bearer_token_file)},
    {"webhooks[].hmac_key_file", KeyType::text, kSupported, "A file with the key of the signature in each request's `webhook-signature` (HMAC-SHA256, Standard Webhooks). Read again when it changes.",
     SLOT(&e.webhook.hmac_key_file)},
    TLS("webhooks", webhook),
    {"webhooks[].proxy", KeyType::boolean, kSupported, "Whether the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY count.",
     SLOT(&e.webhook.proxy)},
    {"webhooks[].batch.max_alerts", KeyType::count, kSupported, "How many alerts one request may hold. With more than 1, the body is a list where its form knows lists, also around a single alert.",
     SLOT(&e.webhook.batch_max_alerts), {}, 0, check::batch_alerts},
    {"webhooks[].batch.max_bytes", KeyType::size, kSupported, "How many bytes of alerts, before they are put into their form; one alert always fits.",
     SLOT(&e.webhook.batch_max_bytes), {}, 0, check::batch_bytes},
    {"webhooks[].batch.max_wait", KeyType::duration, kSupported, "How long an alert waits for others, where one request may hold several.",
     SLOT(&e.webhook.batch_max_wait_ns), {}, 0, check::interval},
    {"webhooks[].gzip", KeyType::boolean, kSupported, "Compress bodies of 1 KiB and more.",
     SLOT(&e.webhook.gzip)},
    RETRY("webhooks", webhook),
    SPOOL("webhooks", webhook),
    {"webhooks[].dead_letter.file", KeyType::text, kSupported, "Where alerts are kept that the server refuses for good; `dead-letter.jsonl` in the spool when not given, nowhere without one.",
     SLOT(&e.webhook.dead_letter_file), {}, 0, check::path},
    {"webhooks[].dead_letter.max_bytes", KeyType::size, kSupported, "How large that file may become; then it is begun anew, and the one before it kept as `FILE.1`.",
     SLOT(&e.webhook.dead_letter_max_bytes), {}, 0, check::file_bytes},
    {"files", KeyType::objects, kSupported, "Files that each alert is appended to, as JSON, one a line.", SLOT(std::monostate())},
    COMMON("files", file, "file"),
    {"files[].path", KeyType::text, kSupported, "The file; its directory must be there.", SLOT(&e.file.path), {}, 0, check::path},
    {"files[].rotate.max_bytes", KeyType::size, kSupported, "How large it may become before it is moved to `PATH.1`.",
     SLOT(&e.file.rotate_max_bytes), {}, 0, check::file_bytes},
    {"files[].rotate.max_age", KeyType::duration, kSupported, "How old it may become before that; `0s`: as old as it likes.",
     SLOT(&e.file.rotate_max_age_ns), {}, 0, check::age},
    {"files[].rotate.keep", KeyType::count, kSupported, "How many of those moved away are kept.",
     SLOT(&e.file.rotate_keep), {}, 0, check::rotate_keep},
    {"files[].sync", KeyType::choice, kSupported, "When the disk is waited for: `never`, within a second (`interval`), or before an alert counts as delivered (`always`).",
     SLOT(slot_number(e.file.sync)), kSyncs},
    {"syslog", KeyType::objects, kSupported, "Syslog servers that each alert is sent to (RFC 5424).", SLOT(std::monostate())},
    COMMON("syslog", syslog, "syslog"),
    {"syslog[].address", KeyType::text, kSupported, "`udp://HOST:PORT`, `tcp://HOST:PORT` or `tls://HOST:PORT`; ports 514, 601 and 6514 when not given.",
     SLOT(&e.syslog.address), {}, 0, check::syslog_address},
    {"syslog[].facility", KeyType::choice, kSupported, "Its facility.", SLOT(&e.syslog.facility), kFacilities},
    TLS("syslog", syslog),
    RETRY("syslog", syslog),
    SPOOL("syslog", syslog),
    {"unix_sockets", KeyType::objects, kSupported, "Unix stream sockets that each alert is written to, as JSON, one a line.", SLOT(std::monostate())},
    COMMON("unix_sockets", unix_socket, "unix"),
    {"unix_sockets[].path", KeyType::text, kSupported, "Where somebody listens.", SLOT(&e.unix_socket.path), {}, 0, check::socket_path},
    RETRY("unix_sockets", unix_socket),
    SPOOL("unix_sockets", unix_socket),
};
// clang-format on
#undef SLOT
#undef COMMON
#undef RETRY
#undef SPOOL
#undef TLS

}  // namespace

std::span<const Key> destination_keys() { return kKeys; }

}  // namespace bongsu
