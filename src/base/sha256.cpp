// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <openssl/evp.h>

namespace bongsu {

Sha256 sha256(std::string_view bytes) {
  Sha256 digest{};
  // Fails only when libcrypto has no memory left; an id of zeros is then still a valid one.
  (void)EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
                   nullptr);
  return digest;
}

}  // namespace bongsu
