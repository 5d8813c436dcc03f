// SPDX-License-Identifier: Apache-2.0
#include "alert/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "alert/redact_patterns.h"

namespace bongsu {
namespace {

using testing::HasSubstr;
using testing::Not;

std::unique_ptr<Redactor> make(const std::vector<std::string>& patterns = {}) {
  Result<std::unique_ptr<Redactor>> made = Redactor::make(patterns);
  EXPECT_TRUE(made) << made.error().to_string();
  return std::move(*made);
}

std::string error_of(const std::vector<std::string>& patterns) {
  const Result<std::unique_ptr<Redactor>> made = Redactor::make(patterns);
  return made ? "" : made.error().to_string();
}

std::string masked(const Redactor& redactor, std::string_view text) {
  return Redactor::masked(text, redactor.find(text));
}

// What a table says: << and >> stand around what is to be masked. "|" at the begin: arguments, each behind one.
struct Row {
  explicit Row(std::string_view row) : raw(row), expected(row) {
    for (std::size_t at = expected.find("<<"); at != std::string::npos; at = expected.find("<<")) {
      expected.replace(at, expected.find(">>", at) + 2 - at, kRedacted);
    }
    for (const std::string_view mark : {"<<", ">>"}) {
      for (std::size_t at = raw.find(mark); at != std::string::npos; at = raw.find(mark)) {
        raw.erase(at, 2);
      }
    }
    if (row.starts_with('|')) {
      std::ranges::replace(raw, '|', '\0');
      std::ranges::replace(expected, '|', '\0');
    }
  }
  std::string raw;
  std::string expected;
};

class Table : public testing::TestWithParam<const char*> {};

TEST_P(Table, MasksWhatIsMarkedAndNothingElse) {
  static const std::unique_ptr<Redactor> kRedactor = make();
  const Row row(GetParam());
  EXPECT_EQ(masked(*kRedactor, row.raw), row.expected);
  EXPECT_EQ(masked(*kRedactor, row.expected), row.expected) << "masking twice is masking once";
}

constexpr const char* kOptions[] = {
    "mysqldump --password=<<hunter2>> db",
    "app --password <<hunter2>> --verbose",
    "app --db-password='<<hun ter2>>' -v",
    R"(sh -c "app --token \"<<abc def>>\" -v")",
    R"(app --secret "<<a\"b>>" -v)",
    "vault -token=<<abc123>>",
    "app --api-key <<abc123>>",
    "app --apikey=<<abc123>> x",
    "app --API_KEY=<<abc123>> x",
    "tool --client-secret=<<s3cr3t>> --ttl 5m",
    "gpg --batch --passphrase <<sesame>> file",
    "redis-cli --pass <<x1>> ping",
    "tool --secret-access-key <<AbC/dEf+gh=>> s3 ls",
    "openssl enc -pass <<pass:x>>",
    "|app|--password|<<hunter2>>|db",
    "|app|--password|<<two words>>|db",
    "|app|--password=<<two words, and more>>|db",
    "|app|--password|<<-x7y>>|db",
    "|sh|-c|app --token=<<abc>> && echo done",
    "|sh|-c|curl -H 'X-Api-Key: <<abc>>' http://x/",
    "|app|--token|<<bad\xff\xfe utf8>>|next",
};

constexpr const char* kAssignments[] = {
    "DB_PASSWORD=<<hunter2>> ./run",
    "export AWS_SECRET_ACCESS_KEY=<<wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY>>",
    "MYSQL_PWD=<<x>> mysql",
    "PGPASSWORD='<<a b>>' psql",
    "REDISCLI_AUTH=<<abc>> redis-cli",
    "SECRET_KEY_BASE=<<0123abc>>",
    "TOKEN_2=<<abc>>",
    "MY_TOKEN_BASE64=<<YWJj>>",
    "|env|DB_PASSWORD=<<a;b&c d>>|./run",
    "|docker|run|-e|API_KEY=<<x,y>>|image",
    R"({"user":"u","password":"<<p,w>>","n":1})",
    R"({\"user\":\"u\",\"api_key\":\"<<pw>>\"})",
    R"({'token': '<<abc>>'})",
    "password: <<abc>>",
    "password = <<abc>>",
    "Server=db;User Id=sa;Password=<<p>>;Timeout=3",
    "AccountName=x;AccountKey=<<abc/def==>>;EndpointSuffix=y",
    "user=u&password=<<p>>&next=1",
    "-o username=u,password=<<p>>,domain=d",
    "kubectl create secret generic x --from-literal=password=<<abc>>",
    "client-key-data: <<AAAABBBB>>",
    "/srv/x;token=<<abc/y>>",
};

constexpr const char* kHeadersAndUrls[] = {
    "curl -H 'Authorization: Bearer <<abcdef>>' https://x/",
    "Authorization: Basic <<dXNlcjpwYXNz>>",
    "authorization=<<abc>>",
    R"("Authorization": "token <<abc>>")",
    "echo bearer <<0123456789abcdef.xyz>> x",
    "Cookie: <<session=abc; b=c>>",
    "X-Vault-Token:<<abc>>",
    "PRIVATE-TOKEN: <<abc>>",
    "postgres://user:<<pa:ss@x>>@db:5432/app",
    "redis://:<<pw>>@cache/0",
    "git clone https://oauth2:<<abc>>@git.example/x.git",
    "https://<<0123456789abcdef0123456789abcdef01234567>>@git.example/x",
    "http://x/?a=b&access_token=<<abc>>&c=d",
    "https://x/b?se=2026&sig=<<abc%2B>>",
    "https://x/?X-Amz-Date=1&X-Amz-Signature=<<abcdef>>",
    "ALTER USER x IDENTIFIED BY '<<pw>>'",
    "ALTER ROLE x PASSWORD '<<pw>>'",
};

constexpr const char* kCommands[] = {
    "mysql -h db -u root -p<<hunter2>> app",
    "|/usr/bin/mysqldump|-uroot|-p<<hunter 2>>|app",
    "|mysql|-e|select 1; select 2|-p<<hunter2>>",
    "cd /x && mariadb-dump -p'<<a b>>' app",
    "|sshpass|-p|<<x y>>|ssh|-p|22|host",
    "sshpass -p<<xy>> ssh host",
    "redis-cli -h x -a <<pw>> ping",
    "|mongosh|-u|u|-p|<<pw>>|db",
    "ldapsearch -x -D cn=admin -w <<pw>> -b dc=x",
    "|docker|login|-u|me|-p|<<pw>>|reg",
    "|zip|-P|<<pw>>|x.zip|y",
    "7z x -p<<pw>> x.7z",
    "curl -s -u me:<<pw>> http://x/",
    "|curl|--user|me:<<p w>>|http://x/",
    "smbclient -U me%<<pw>> //x/y",
};

constexpr const char* kShapes[] = {
    "aws <<AKIAIOSFODNN7EXAMPLE>> x",
    "/tmp/<<ghp_0123456789abcdefghijklmnopqrstuvwxyz>>/x",
    "x=<<github_pat_11ABCDEFG0abcdefghijklmnop_qrstuv>>",
    "<<glpat-abcdefghij0123456789>>",
    "<<xoxb-123456789012-abcdefghij>>",
    "https://hooks.slack.com/services/<<T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX>>",
    "k <<AIzaSyA0123456789abcdefghijklmnopqrstuv>>",
    "<<npm_0123456789abcdefghijklmnopqrstuvwxyz>>",
    "<<pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMA>>",
    "<<sk_live_0123456789abcdefghijklmn>>",
    "<<sk-proj-0123456789_abcdefghijklmn>>",
    "<<hvs.CAESIJ0123456789abcdefghijkl>>",
    "<<eyJhbGciOiJSUzI1NiIs.eyJpc3MiOiJrdWJlcm5ldGVz.c2lnbmF0dXJl>>",
    "-----BEGIN RSA PRIVATE KEY-----<<\nMIIEpAIBAAKCAQEA\nabc=\n>>-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----<<\nb3BlbnNzaC1rZXktdjE>>",
    "echo <<LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=>> | base64 -d",
    "<<dckr_pat_0123456789abcdefghijklmnopq>>",
    "<<AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ>>",
};

// Nothing to hide.
constexpr const char* kHarmless[] = {
    "vault write --token-ttl 5m x",
    "app --token-ttl=5m --max-tokens 100 --tokenizer bpe",
    "docker run -p 8080:80 nginx",
    "ssh -p 2222 host",
    "psql -p 5432 -U me db",
    "mkdir -p /a/b",
    "mysql -p -h db",
    "mysql -e 'select 1'; ssh -p22 host",
    "mysql -P 3306 --port=3306 -u root",
    "|mysql|-p|app",
    "app --password-file /run/secrets/x",
    "|app|--password-file|secret.txt",
    "app --password /run/secrets/db",
    "app --private-key=/etc/ssl/server.pem",
    "app --private-key ./id.key",
    "PASSWORD_FILE=/run/secrets/x TOKEN_PATH=/y ./run",
    "|env|PASSWORD_FILE=x|TOKEN_TTL=5m|./run",
    "GOOGLE_APPLICATION_CREDENTIALS=/etc/gcp/sa.json",
    "docker build --secret id=npm,src=/x .",
    "PWD=/root OLDPWD=/home/me ls",
    "singularity exec --pwd /work x",
    "psql --no-password -h db",
    "|psql|--no-password|db",
    "mysqldump --password --user root",
    "app --ask-password prompt",
    "docker login --password-stdin -u me",
    "SSH_AUTH_SOCK=/tmp/ssh/agent.1",
    "cat /etc/passwd /etc/shadow",
    "cat /var/run/secrets/kubernetes.io/serviceaccount/token",
    "grep -r password /etc",
    "passwd root",
    "kubectl get secret db -o yaml",
    "kubectl create token sa --duration 1h",
    "git config credential.helper store",
    "bypass=1 compass=north trespass=0",
    "--bypass x --compass y",
    "secretary=anna passenger=7 tokens=5",
    "passwordless=true password=true token=none",
    "DB_PASSWORD= ./run",
    "if [ $token == $other ]; then",
    "http://host:8080/path",
    "https://user@host/path",
    "ssh://git@host:22/x",
    "http://x/?a=b&page=2&key=name",
    "curl -u me http://x/",
    "curl -o out -L http://x/",
    "the bearer of bad news",
    "openssl enc -aes-256-cbc -pass file:/etc/x",
    "openssl enc -pass env:VAR",
    "task-0123456789abcdefghijklmnopqrstuvwxyz",
    "sk-learn-pipeline",
    "glibc-2.36-9-deb12u8-with-long-name",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "ssh-keygen -t ed25519 -f key",
    "/usr/lib/python3/dist-packages/keyring/credentials.py",
    "/home/me/.aws/credentials",
    "zip -r x.zip y -P",
    "nc -p 4444 -e /bin/sh",
    "tar -xpf x.tar",
    "",
};

INSTANTIATE_TEST_SUITE_P(Options, Table, testing::ValuesIn(kOptions));
INSTANTIATE_TEST_SUITE_P(Assignments, Table, testing::ValuesIn(kAssignments));
INSTANTIATE_TEST_SUITE_P(HeadersAndUrls, Table, testing::ValuesIn(kHeadersAndUrls));
INSTANTIATE_TEST_SUITE_P(Commands, Table, testing::ValuesIn(kCommands));
INSTANTIATE_TEST_SUITE_P(Shapes, Table, testing::ValuesIn(kShapes));
INSTANTIATE_TEST_SUITE_P(Harmless, Table, testing::ValuesIn(kHarmless));

std::map<std::string, std::uint64_t, std::less<>> counts(const Redactor& redactor) {
  std::map<std::string, std::uint64_t, std::less<>> result;
  for (const Redactor::Count& count : redactor.redacted()) {
    EXPECT_TRUE(result.emplace(count.pattern, count.count).second) << count.pattern;
  }
  return result;
}

TEST(Redact, CountsWhatItMasksByPattern) {
  const auto redactor = make({"x+"});
  EXPECT_EQ(counts(*redactor).size(), redact_patterns().size() + 1);
  (void)redactor->find("--token=a1 --token=b1 AKIAIOSFODNN7EXAMPLE xx x");
  (void)redactor->find("--password-file x1");
  auto counted = counts(*redactor);
  EXPECT_EQ(counted["aws"], 1U);
  EXPECT_EQ(counted["option"], 2U);
  EXPECT_EQ(counted["custom-1"], 3U);
  EXPECT_EQ(counted["slack"], 0U);
}

TEST(Redact, OwnPatternsMaskTheFirstGroupOrAll) {
  const auto redactor = make({R"(order-(\d+)-(\d+))", "[Ää]pfel+"});
  EXPECT_EQ(masked(*redactor, "order-12-34 of Äpfellll, \xff äpfel"),
            "order-[redacted]-34 of [redacted], \xff [redacted]");
  // Arguments are seen as one line.
  using namespace std::string_literals;
  const auto line = make({"^app --key-id (\\S+)"});
  EXPECT_EQ(masked(*line, "\0app\0--key-id\0x\0y"s), "\0app\0--key-id\0[redacted]\0y"s);
}

TEST(Redact, APatternThatIsWrongIsNamedInOneLine) {
  EXPECT_THAT(error_of({"good", "(bad"}), HasSubstr(R"(the pattern "(bad" is no regular expression: missing ))"));
  EXPECT_THAT(error_of({"a*"}), HasSubstr(R"(the pattern "a*" matches where there is nothing)"));
  EXPECT_THAT(error_of({std::string(1025, 'a')}), HasSubstr("is too long: at most 1024 bytes"));
  EXPECT_THAT(error_of({"((a{500}){100}){10}"}), HasSubstr("is no regular expression"));
  EXPECT_THAT(error_of(std::vector<std::string>(65, "a")), HasSubstr("there are 65 patterns"));
  EXPECT_THAT(error_of({"(bad\n"}), Not(HasSubstr("\n")));
  EXPECT_EQ(error_of(std::vector<std::string>(64, "ab+c[0-9]{4}")), "");
}

TEST(Redact, SpansAreAscendingAndApart) {
  const auto redactor = make({"[a-z]{4}", "token"});
  const std::string text = "--token=ghp_0123456789abcdefghijklmnopqrstuvwxyz,AKIAIOSFODNN7EXAMPLE";
  std::size_t end = 0;
  for (const Redactor::Span& span : redactor->find(text)) {
    EXPECT_LT(span.begin, span.end);
    EXPECT_TRUE(end == 0 || span.begin > end);
    end = span.end;
  }
  EXPECT_LE(end, text.size());
}

TEST(Redact, ATextThatIsMadeToMatchAllOverIsMaskedToItsEnd) {
  const auto redactor = make();
  std::string text;
  while (text.size() < 16U << 10U) {
    text += "token=a&";
  }
  text += " the end";
  const std::string out = masked(*redactor, text);
  EXPECT_TRUE(out.ends_with("=[redacted]")) << out.substr(out.size() - 100);
  EXPECT_LT(out.size(), 2000U);
}

}  // namespace
}  // namespace bongsu
