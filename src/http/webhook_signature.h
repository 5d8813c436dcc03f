// SPDX-License-Identifier: Apache-2.0
//
// Signatures by which a receiver knows who sent a body and when, as Standard Webhooks 1.0 has them: HMAC-SHA256 over
// "ID.TIMESTAMP.BODY", in base64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bongsu {

// The bytes of a key from the text of its file: base64 after "whsec_", else the text itself.
[[nodiscard]] Result<std::string> parse_webhook_key(std::string_view text);

// The value of `webhook-signature`: "v1,BASE64".
[[nodiscard]] std::string webhook_signature(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                                            std::string_view body);

}  // namespace bongsu
