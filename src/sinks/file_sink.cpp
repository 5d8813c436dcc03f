// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the files of the configuration, each with its own queue and thread.
#include "config/changes.h"
#include "sinks/destination.h"
#include "sinks/file_channel.h"
#include "sinks/registry.h"

namespace bongsu {
namespace {

RotatingFile::Sync sync_of(FileConfig::Sync sync) {
  switch (sync) {
    case FileConfig::Sync::never:
      return RotatingFile::Sync::never;
    case FileConfig::Sync::always:
      return RotatingFile::Sync::always;
    case FileConfig::Sync::interval:
      break;
  }
  return RotatingFile::Sync::interval;
}

Result<std::unique_ptr<Sink>> make(const FileConfig& config, const SinkContext& context) {
  RotatingFile::Options file;
  file.path = config.path;
  file.max_bytes = static_cast<std::uint64_t>(config.rotate_max_bytes);
  file.max_age_ns = config.rotate_max_age_ns;
  file.keep = static_cast<std::uint64_t>(config.rotate_keep);
  file.sync = sync_of(config.sync);
  auto opened = RotatingFile::open(std::move(file), context.clock);
  if (!opened) {
    return fail("file " + config.name + ": " + opened.error().message, opened.error().hint);
  }
  const RetryConfig retry;  // there is no key for it: a disk is not overwhelmed by being asked
  QueuedSink::Options options = queue_options(config, retry, {});  // nor for a spool, which would be on a disk as well
  options.batch.max_alerts = kWhatWaits;
  return std::make_unique<QueuedSink>(std::move(options), std::make_unique<FileChannel>(*std::move(opened)),
                                      context.clock, context.random);
}

std::vector<SinkPlan> plan(const Config& config) {
  std::vector<SinkPlan> plans;
  plans.reserve(config.files.size());
  for (const FileConfig& file : config.files) {
    plans.push_back(destination_plan(
        file, destination_settings("files", {.webhook = {}, .file = file, .syslog = {}, .unix_socket = {}}), {},
        [file](const SinkContext& context) { return make(file, context); }));
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_file() { return {"file", plan}; }

}  // namespace bongsu
