// SPDX-License-Identifier: Apache-2.0
#include "alert/redact_patterns.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace bongsu {
namespace {

// A name that goes on tells of something else: PASSWORD_FILE, TOKEN_PATH and --token-ttl do not match. PWD alone is the
// working directory.
constexpr std::string_view kKey =
    R"((?i:(?:pass(?:word|wd|phrase|code)|secret|token|api[_-]?key|(?:access|secret|private|master|encryption|signing|)"
    R"(account|shared|session|service)[_-]?key(?:[_-]base)?|client[_-]?key[_-]data|credentials?|_auth|)"
    R"((?:^|[^a-z])(?:db|pg|ssh|root|user|admin)?pass|[a-z0-9][_-]pwd|[;?&]pwd)(?:[_-](?:value|b64|base64))?)"
    R"([_-]?[0-9]{0,3}))";
constexpr std::string_view kValue =
    R"((?:\\+"([^"\\\x00]+)|\\+'([^'\\\x00]+)|"((?:[^"\\\x00]|\\[^\x00])+)|'([^'\x00]+)|)"
    R"(([^\s"'\x00&;,=|\\][^\s"'\x00&;,]*)))";
constexpr std::string_view kOwn = R"(([^\x00]+))";
constexpr std::string_view kTo = R"((?:\s[^;&|\n\x00]*?|(?:\x00[^\x00]*)*?))";

constexpr auto kShared = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"{next}", R"((?:\x00{own}|[ \t]+{value}))"},  // these two are made of others, so they come first
    {"{word}", R"((?:[\w.-]*{key}|(?:[A-Za-z0-9]+[._-])*(?i:pass)))"},
    {"{key}", kKey},
    {"{value}", kValue},
    {"{own}", kOwn},
    {"{start}", R"((?:^|[\x00\s/;&|(]))"},
    {"{to}", kTo},
});

// What a trigger and a match say of names: the same words.
constexpr std::string_view kKeyTrigger = "(?i)pass|secret|token|key|credential|_auth|pwd";

constexpr auto kPatterns = std::to_array<RedactPattern>({
    // --password=x, --db-password x, -token x
    {"option", kKeyTrigger, R"(\x00--?{word}={own}|(?:^|[\s\x00"'(])--?{word}(?:={value}|{next}))"},
    // PASSWORD=x, "password": "x", password = x, X-Api-Key: x, ?token=x
    {"assignment", kKeyTrigger,
     R"(\x00[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|_PASS|_PWD|SECRET|TOKEN|(?:API|ACCESS|SECRET|PRIVATE|MASTER)_?KEY)={own}|)"
     R"({key}(?:\\*["'])?(?:=|[ \t]+=[ \t]+){value}|{key}\\*["']\s*:\s*{value}|)"
     R"({key}:[ \t]+{value}|(?i:(?:^|[\s\x00"'])x-[a-z-]*){key}:{value})"},
    {"authorization", "(?i)authorization|bearer|cookie:",
     R"((?i:authorization)\\*["']?\s*[:=]\s*\\*["']?(?:(?i:bearer|basic|token|digest|negotiate|apikey)\s+)?)"
     R"(([^\s"'\x00,;\\]+)|(?i:\bbearer)[ \t]+([A-Za-z0-9._~+/=-]{16,})|(?i:\b(?:set-)?cookie):\s*([^"'\x00]+))"},
    // scheme://user:x@host, and a long name that can only be a token
    {"url", "://", R"([A-Za-z][A-Za-z0-9+.-]*://(?:[^\s\x00/:@?#"']*:([^\s\x00/"']+)|([A-Za-z0-9_.-]{20,}))@)"},
    {"query", "(?i)[?&](?:sig|x-)",
     R"([?&](?i:sig(?:nature)?|x-(?:amz|goog|ms)-(?:signature|security-token|credential))=([^\s\x00&#"']+))"},
    {"sql", "(?i)identified|password",
     R"((?i:identified\s+(?:with\s+\S+\s+)?(?:by|as)\s+|password\s+)['"]([^'"\x00]+))"},

    // Options of one letter, of commands that take a secret by them.
    {"mysql", "mysql|mariadb|mycli",
     R"({start}(?:mysql[a-z_]*|mariadb(?:-[a-z]+)?|mycli){to}(?:\x00-p{own}|\s-p{value}))"},
    {"command", "sshpass|redis-cli|mongo|ldap|sqlcmd|bcp|zip|7z|snmp|login",
     R"({start}(?:(?:sshpass|mongo[a-z]*){to}[\s\x00]-p|redis-cli{to}[\s\x00]-a|ldap[a-z]+{to}[\s\x00]-w|)"
     R"((?:sqlcmd|bcp|(?:un)?zip){to}[\s\x00]-P|snmp[a-z]+{to}[\s\x00]-[AX]|)"
     R"((?:docker|podman|nerdctl|buildah|skopeo|helm|oras|oc){to}[\s\x00]login{to}[\s\x00]-p=?){next}|)"
     R"({start}(?:sshpass|7z[a-z]*){to}(?:\x00-p{own}|\s-p{value}))"},
    {"user", "curl|wget|http|smb|rpcclient",
     R"({start}(?:curl|wget|https?){to}(?:\x00(?:-[uUa]\x00?|--(?:proxy-)?user[=\x00])[^\x00:/]+:{own}|)"
     R"(\s(?:-[uUa]\s*|--(?:proxy-)?user[=\s])["']?[^\s\x00:"'/]+:([^\s\x00"']+))|)"
     R"({start}(?:smb[a-z]+|rpcclient){to}[\s\x00]-U[\s\x00]*["']?[^\s\x00%"']+%([^\s\x00"']+))"},

    // What can be nothing else, wherever it stands.
    {"private-key", "PRIVATE KEY|LS0tLS1CRUdJTi|AGE-SECRET-KEY-",
     R"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----([^-\x00]+)|)"
     R"((LS0tLS1CRUdJTi(?:BSU0Eg|BQUklW|BFQyBQ|BPUEVO|BFTkNS|BEU0Eg)[A-Za-z0-9+/=]+)|\b(AGE-SECRET-KEY-1[A-Z0-9]{20,}))"},
    {"jwt", "eyJ", R"(\b(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?))"},
    {"aws", "A[A-Z]{2}A[A-Z2-7]{16}", R"(\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b)"},
    {"google", "AIza|ya29|GOCSPX-", R"(\b(AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}))"},
    {"github", "gh[pousr]_|github_pat_", R"(\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}))"},
    {"gitlab", "gl[a-z]+-", R"(\b(gl(?:pat|oas|dt|rt|ptt|ft|imt|agent|soat|cbt|ffct)-[A-Za-z0-9_.-]{20,}))"},
    {"slack", "xox|xapp-|hooks\\.slack",
     R"(\b(xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,})|)"
     R"(hooks\.slack\.com/[a-z]+/([A-Za-z0-9/_-]{20,}))"},
    {"webhook", "discord|webhook\\.office",
     R"(discord(?:app)?\.com/api/webhooks/[0-9]+/([\w-]+)|webhook\.office\.com/webhookb2/([\w@/-]+))"},
    {"registry", "npm_|pypi-|dckr_", R"(\b(npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{50,}|dckr_(?:pat|oat)_[\w-]{20,}))"},
    {"stripe", "[rsp]k_|whsec_", R"(\b([rs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z+/=]{20,}))"},
    {"vendor", "sk-|hf_|v1_|hv[sbr]\\.|SG\\.|:AA|dapi|ATATT|gls?[ac]_|sntry",
     R"(\b(sk-(?:(?:proj|ant|svcacct|admin)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})|hf_[A-Za-z]{30,}|)"
     R"(do[opr]_v1_[a-f0-9]{64}|hv[sbr]\.[\w-]{24,}|SG\.[\w-]{20,}\.[\w-]{30,}|[0-9]{8,10}:AA[\w-]{33}|)"
     R"(dapi[a-f0-9]{32}|ATATT3[\w=-]{50,}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[\w+/=-]{32,}|)"
     R"(sntry[su]_[\w+/=-]{32,}))"},
});

bool starts_with_any(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_path_of_a_file(std::string_view value) {
  constexpr auto kPlaces =
      std::to_array<std::string_view>({"/etc/", "/run/", "/var/", "/dev/", "/proc/", "/home/", "/root/", "/opt/",
                                       "/tmp/", "/usr/", "/mnt/", "/srv/", "/secrets/", "./", "../", "~/"});
  constexpr auto kEndings = std::to_array<std::string_view>(
      {".pem", ".key", ".crt", ".json", ".txt", ".p12", ".jks", ".yaml", ".yml", ".conf", ".kubeconfig", ".token"});
  const bool characters = std::ranges::all_of(value, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/._-~@").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return characters && (starts_with_any(value, kPlaces) ||
                        std::ranges::any_of(kEndings, [&](std::string_view end) { return value.ends_with(end); }));
}

// An option where its value was to be: there was none.
bool is_option(std::string_view value) {
  const bool two = value.starts_with("--");
  value.remove_prefix(two ? 2 : value.starts_with('-') ? 1 : value.size());
  if (value.empty()) {
    return false;
  }
  const std::string_view name = value.substr(0, value.find('='));
  return (two || name.size() == 1) && std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
         std::ranges::all_of(name,
                             [](unsigned char c) { return std::islower(c) != 0 || std::isupper(c) != 0 || c == '-'; });
}

}  // namespace

std::span<const RedactPattern> redact_patterns() { return kPatterns; }

std::string expand_pattern(std::string_view pattern) {
  std::string out(pattern);
  for (const auto& [name, text] : kShared) {
    for (std::size_t at = out.find(name); at != std::string::npos; at = out.find(name, at + text.size())) {
      out.replace(at, name.size(), text);
    }
  }
  return out;
}

bool is_harmless(std::string_view before, std::string_view value) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"true", "false", "yes", "no", "null", "none", "nil", "-", "[redacted]", "stdin"});
  // Of docker build --secret and of openssl -pass.
  constexpr auto kReferences = std::to_array<std::string_view>({"id=", "type=", "file:", "env:", "fd:"});
  constexpr auto kAsks = std::to_array<std::string_view>({"--no-", "--ask-", "--without-", "--with-"});
  const std::size_t dashes = before.find('-');
  return std::ranges::find(kWords, value) != kWords.end() || starts_with_any(value, kReferences) ||
         is_path_of_a_file(value) || is_option(value) ||
         (dashes != std::string_view::npos && starts_with_any(before.substr(dashes), kAsks));
}

}  // namespace bongsu
