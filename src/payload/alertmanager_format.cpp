// SPDX-License-Identifier: Apache-2.0
//
// Alertmanager, POST /api/v2/alerts. What has the same labels is one alert there, so labels say which rule found
// something where, and what differs from one finding to the next stands in annotations: a rule that fires twice in a
// container is one alert, with what was found last.
//
// There is no endsAt: Alertmanager resolves an alert when nothing was heard of it for its resolve_timeout. With a time
// of ours, an alert that had to wait for its delivery would be over when it comes, and nobody would be told.
#include <nlohmann/json.hpp>

#include "alert/text.h"
#include "base/strings.h"
#include "payload/alert_view.h"
#include "payload/registry.h"

namespace bongsu {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxLabelBytes = 512;
constexpr std::size_t kMaxAnnotationBytes = 8192;

// An empty label is none (Prometheus' data model).
void put(ordered_json& object, const char* name, const std::string& value, std::size_t most) {
  if (!value.empty()) {
    object[name] = clipped(value, most);
  }
}

void put_place(ordered_json& labels, const AlertView& view) {
  const auto label = [&](const char* name, const std::string& value) { put(labels, name, value, kMaxLabelBytes); };
  label("node", view.first_text({"k8s.node.name", "host.name"}));
  label("namespace", view.text("k8s.namespace.name"));
  label("pod", view.first_text({"k8s.pod.name", "k8s.pod.uid"}));
  label("container", view.container());
}

// An alert that is there as long as heartbeats come, for a receiver that is alarmed when it ends.
ordered_json heartbeat_labels(const AlertView& view) {
  ordered_json labels = {{"alertname", "BongsuWatchdog"}, {"severity", "none"}, {"source", "bongsu"}};
  put_place(labels, view);
  return labels;
}

ordered_json finding_labels(const AlertView& view) {
  ordered_json labels = {{"alertname", clipped(view.title().empty() ? "bongsu" : view.title(), kMaxLabelBytes)},
                         {"severity", to_string(view.alert().severity)},
                         {"source", "bongsu"}};
  put(labels, "rule_id", view.alert().rule_id, kMaxLabelBytes);
  put_place(labels, view);
  // Of an event of the monitor itself: each kind of event that was lost or cannot be seen is its own.
  put(labels, "bongsu_event", view.text("bongsu.event"), kMaxLabelBytes);
  return labels;
}

ordered_json annotations_of(const AlertView& view) {
  ordered_json annotations = ordered_json::object();
  const auto put_text = [&](const char* name, const std::string& value) {
    put(annotations, name, value, kMaxAnnotationBytes);
  };
  const std::string message = view.text("message");
  put_text("summary", message.empty() ? view.title() : message);
  put_text("description", view.text("rule.description"));
  put_text("event_id", view.alert().id);
  put_text("process", view.text("process.executable"));
  put_text("command_line", view.text("process.command_line"));
  put_text("image", view.text("container.image.name"));
  put_text("container_id", view.text("container.id"));
  std::string tags;
  for (const std::string& tag : view.alert().tags) {
    tags += (tags.empty() ? "" : ",") + tag;
  }
  put_text("tags", tags);
  return annotations;
}

class AlertmanagerFormat final : public PayloadFormat {
 public:
  explicit AlertmanagerFormat(bool batched) : batched_(batched) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] std::size_t most_alerts() const override { return batched_ ? kAnyNumber : 1; }

  [[nodiscard]] std::string body(Alerts alerts) override {
    ordered_json body = ordered_json::array();
    for (const auto& alert : alerts) {
      const AlertView view(*alert);
      ordered_json one = {{"labels", is_heartbeat(*alert) ? heartbeat_labels(view) : finding_labels(view)},
                          {"annotations", annotations_of(view)}};
      if (alert->time_ns != 0) {
        std::string time;
        append_timestamp(time, alert->time_ns);
        one["startsAt"] = time;
      }
      body.push_back(std::move(one));
    }
    return dumped(body);
  }

 private:
  bool batched_;
};

Result<std::unique_ptr<PayloadFormat>> make(const PayloadOptions& options) {
  return std::make_unique<AlertmanagerFormat>(options.batched);
}

}  // namespace

PayloadKind payload_kind_alertmanager() { return {"alertmanager", make}; }

}  // namespace bongsu
