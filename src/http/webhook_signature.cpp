// SPDX-License-Identifier: Apache-2.0
#include "http/webhook_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "http/base64.h"

namespace bongsu {

Result<std::string> parse_webhook_key(std::string_view text) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!text.starts_with(kPrefix)) {
    return std::string(text);
  }
  auto key = parse_base64(text.substr(kPrefix.size()));
  if (!key || key->empty()) {
    return fail("not a key: what comes after whsec_ is no base64", "give the key as the receiver shows it");
  }
  return *std::move(key);
}

std::string webhook_signature(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                              std::string_view body) {
  std::string text(id);
  text.reserve(id.size() + body.size() + 24);
  text += '.';
  text += std::to_string(timestamp_s);
  text += '.';
  text += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size) == nullptr) {
    return {};
  }
  return "v1," + base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace bongsu
