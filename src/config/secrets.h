// SPDX-License-Identifier: Apache-2.0
//
// What the configuration keeps in files of its own: URLs that are secrets, tokens, certificates to trust. Read when the
// program needs them and again when they change, not when a configuration is checked on another machine.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace bongsu {

// Fills url, bearer_token, hmac_key and tls.digest where a file is named for them; white space around the first three
// does not count.
[[nodiscard]] Status read_secrets(WebhookConfig& webhook);
[[nodiscard]] Status read_secrets(SyslogConfig& syslog);
// Of all of them; the first that fails ends it.
[[nodiscard]] Status read_secrets(Config& config);

// The files that it reads.
[[nodiscard]] std::vector<std::filesystem::path> secret_files(const Config& config);

}  // namespace bongsu
