// SPDX-License-Identifier: Apache-2.0
//
// The certificate by which this side of a TLS connection says who it is.
#pragma once

#include <openssl/ssl.h>

#include <string>

#include "base/result.h"

namespace bongsu {

// Both PEM: the certificate, followed by those between it and its authority; its key, which has no password (nobody is
// there to be asked). An error names the file.
[[nodiscard]] Status use_client_certificate(SSL_CTX* context, const std::string& cert_file,
                                            const std::string& key_file);

}  // namespace bongsu
