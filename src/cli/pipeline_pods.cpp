// SPDX-License-Identifier: Apache-2.0
//
// Pipeline: the pods of this node, as the API server tells them.
#include <utility>

#include "base/log.h"
#include "cli/pipeline.h"
#include "identity/pod_fields.h"

namespace bongsu {

// With other labels to keep, all is listed anew.
Status Pipeline::watch_pods() {
  if (!parts_.api) {
    return {};
  }
  PodWatchOptions options = *parts_.api;
  options.labels = parts_.config.config().kubernetes.labels;
  options.annotations = parts_.config.config().kubernetes.annotations;
  auto watch = PodWatch::start(options, parts_.clock, random_);
  if (!watch) {
    return tl::make_unexpected(watch.error());
  }
  source_->listen(&(*watch)->feed(), [this](const PodChange& change) { on_pod(change); });
  pod_watch_ = *std::move(watch);
  return {};
}

void Pipeline::on_pod(const PodChange& change) {
  switch (change.kind) {
    case PodChange::Kind::known: {
      const PodFields fields(change.facts);
      judge_.on_pod(change.facts.uid, fields);
      if (!change.facts.config_hash.empty()) {
        judge_.on_pod(change.facts.config_hash, fields);
      }
      return;
    }
    case PodChange::Kind::gone:
      return;
    case PodChange::Kind::synced:
      log::info("the pods of this node are known: {}", source_->identity().pods().size());
      pods_missing_ = false;
      return;
    case PodChange::Kind::unsynced:
      log::warn("labels and owners of new pods are not known: {}", change.facts.name);
      if (!std::exchange(pods_missing_, true)) {
        tell(EventType::degraded, {.event = "labels and owners of pods", .reason = change.facts.name});
      }
      return;
  }
}

}  // namespace bongsu
