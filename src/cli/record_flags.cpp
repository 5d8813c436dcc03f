// SPDX-License-Identifier: Apache-2.0
#include "cli/record_flags.h"

#include <cstdint>
#include <utility>

#include "base/strings.h"

namespace bongsu {

void add_record_flags(CLI::App* command, RecordFlags& flags, const std::string& prefix) {
  command
      ->add_option(prefix + "max-bytes", flags.max_bytes,
                   "Record no more when the file is as large as this, at least 1MiB")
      ->capture_default_str();
  command
      ->add_option(prefix + "mask", flags.masked,
                   "Overwrite the text of these fields, comma-separated, as process.args,file.path")
      ->delimiter(',')
      ->allow_extra_args(false);
}

Result<std::unique_ptr<Recorder>> make_recorder(const RecordFlags& flags, std::string_view scope) {
  if (flags.file.empty()) {
    return nullptr;
  }
  std::int64_t max_bytes = 0;
  if (!parse_size_bytes(flags.max_bytes, max_bytes) || max_bytes < Recorder::kLeastMaxBytes) {
    return fail(flags.max_bytes + " is no size for a recording", "1MiB or more, as 500MB or 1GiB");
  }
  auto mask = Mask::of(flags.masked);
  if (!mask) {
    return tl::make_unexpected(mask.error());
  }
  return Recorder::create({.path = flags.file,
                           .replace = flags.replace,
                           .max_bytes = max_bytes,
                           .mask = std::move(*mask),
                           .scope = std::string(scope)});
}

std::string_view scope_name(SensorConfig::Scope scope) {
  return scope == SensorConfig::Scope::all ? "all" : scope == SensorConfig::Scope::host ? "host" : "containers";
}

}  // namespace bongsu
