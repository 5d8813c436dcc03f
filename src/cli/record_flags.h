// SPDX-License-Identifier: Apache-2.0
//
// The flags of a recording, which `record` and `run --record` share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command_line.h"
#include "config/config.h"
#include "recording/recorder.h"

namespace bongsu {

struct RecordFlags {
  std::string file;  // empty: nothing is recorded
  std::string max_bytes = "1GiB";
  std::vector<std::string> masked;
  bool replace = false;
};

// --max-bytes and --mask, behind `prefix` ("--" or "--record-").
void add_record_flags(CLI::App* command, RecordFlags& flags, const std::string& prefix);

// Makes the file; null when the flags name none.
[[nodiscard]] Result<std::unique_ptr<Recorder>> make_recorder(const RecordFlags& flags, std::string_view scope);

// As a recording's header has it.
[[nodiscard]] std::string_view scope_name(SensorConfig::Scope scope);

}  // namespace bongsu
