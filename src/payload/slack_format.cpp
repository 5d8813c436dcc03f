// SPDX-License-Identifier: Apache-2.0
//
// A message for an incoming webhook of Slack, to be read by people: how grave, what was found, where. What somebody
// else chose (names, command lines) is escaped and cut, and no link is made of it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "payload/alert_view.h"
#include "payload/registry.h"
#include "payload/slack_text.h"

namespace bongsu {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kBlocksOfAlert = 4;  // header, message, facts, id
constexpr std::size_t kMostAlerts = 10;    // more is no longer read
static_assert(kBlocksOfAlert * kMostAlerts + (kMostAlerts - 1) <= kSlackBlocks);
constexpr std::size_t kShownBytes = 600;   // of a fact
constexpr std::size_t kNoticeBytes = 300;  // of a notification

std::string_view sign_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "\u26AA";  // white circle
    case Severity::low:
      return "\U0001F535";  // blue
    case Severity::medium:
      return "\U0001F7E1";  // yellow
    case Severity::high:
      return "\U0001F7E0";  // orange
    case Severity::critical:
      return "\U0001F534";  // red
  }
  return "";
}

std::string heading(const AlertView& view) {
  std::string word(to_string(view.alert().severity));
  std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  return std::string(sign_of(view.alert().severity)) + ' ' + word + "  " + view.title();
}

std::string notice(const AlertView& view) {
  const std::string message = view.text("message");
  return heading(view) + (message.empty() ? "" : ": " + message);
}

ordered_json plain(const std::string& text, std::size_t most) {
  return {{"type", "plain_text"}, {"text", slack_text(text, most)}};
}

// Verbatim: Slack makes no links of what looks like one.
ordered_json marked(std::string text) { return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}}; }

std::string pod(const AlertView& view) {
  const std::string name = view.first_text({"k8s.pod.name", "k8s.pod.uid"});
  const std::string space = view.text("k8s.namespace.name");
  return space.empty() || name.empty() ? name : space + '/' + name;
}

std::string with(std::string text, std::string_view mark, const std::string& more) {
  return text.empty() || more.empty() ? text : text.append(mark).append(more);
}

ordered_json facts(const AlertView& view) {
  const std::string process = view.first_text({"process.executable", "process.name"});
  const std::string parent = view.text("process.parent.name");
  const std::pair<const char*, std::string> rows[] = {
      {"Pod", pod(view)},
      {"Container", view.container()},
      {"Image", with(view.text("container.image.name"), ":", view.text("container.image.tag"))},
      {"Node", view.first_text({"k8s.node.name", "host.name"})},
      {"Process", with(process, ", pid ", view.text("process.pid"))},
      {"Parent", with(parent, ", pid ", view.text("process.parent.pid"))},
      {"User", view.text("process.user.id")},
      {"File", view.text("file.path")},
      {"Destination", with(view.text("destination.ip"), " port ", view.text("destination.port"))},
      {"Command", view.text("process.command_line")},
  };
  static_assert(std::size(rows) <= kSlackFields && kShownBytes + 100 <= kSlackFieldBytes);
  ordered_json fields = ordered_json::array();
  for (const auto& [name, value] : rows) {
    if (!value.empty()) {
      fields.push_back(marked("*" + std::string(name) + "*\n" + slack_text(value, kShownBytes)));
    }
  }
  return fields;
}

ordered_json context(const AlertView& view) {
  std::string line = view.text("@timestamp");
  for (const auto& [name, value] : {std::pair("rule", view.alert().rule_id), std::pair("id", view.alert().id)}) {
    if (!value.empty()) {
      line += (line.empty() ? "" : "  ") + std::string(name) + ' ' + value;
    }
  }
  return {{"type", "context"}, {"elements", ordered_json::array({plain(line.empty() ? "-" : line, kSlackFieldBytes)})}};
}

void append_finding(ordered_json& blocks, const AlertView& view) {
  blocks.push_back({{"type", "header"}, {"text", plain(heading(view), kSlackHeaderBytes)}});
  if (const std::string message = view.text("message"); !message.empty()) {
    blocks.push_back({{"type", "section"}, {"text", plain(message, kSlackSectionBytes)}});
  }
  if (ordered_json fields = facts(view); !fields.empty()) {
    blocks.push_back({{"type", "section"}, {"fields", std::move(fields)}});
  }
  blocks.push_back(context(view));
}

// One small line: it comes often.
void append_heartbeat(ordered_json& blocks, const AlertView& view) {
  const std::string line = with(notice(view), "  ", view.first_text({"k8s.node.name", "host.name"}));
  blocks.push_back({{"type", "context"}, {"elements", ordered_json::array({plain(line, kSlackFieldBytes)})}});
}

class SlackFormat final : public PayloadFormat {
 public:
  explicit SlackFormat(bool batched) : batched_(batched) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kMostAlerts : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    ordered_json blocks = ordered_json::array();
    std::string notices;
    for (const auto& alert : alerts) {
      const AlertView view(*alert);
      if (!blocks.empty()) {
        blocks.push_back({{"type", "divider"}});
        notices += '\n';
      }
      if (is_heartbeat(*alert)) {
        append_heartbeat(blocks, view);
      } else {
        append_finding(blocks, view);
      }
      notices += slack_text(notice(view), kNoticeBytes);
    }
    return dumped(ordered_json{{"text", notices}, {"blocks", std::move(blocks)}});
  }

 private:
  bool batched_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<SlackFormat>(options.batched);
}

}  // namespace

PayloadKind payload_kind_slack() { return {"slack", make}; }

}  // namespace bongsu
