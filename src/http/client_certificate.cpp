// SPDX-License-Identifier: Apache-2.0
#include "http/client_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <fstream>
#include <memory>

namespace bongsu {
namespace {

Status readable(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || stream.peek() == std::ifstream::traits_type::eof()) {
    return stream.eof() ? Status(fail(file + ": empty")) : Status(fail_errno(file, errno == 0 ? EIO : errno));
  }
  return {};
}

// In place of a question on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Status use_key(SSL_CTX* context, const std::string& key_file, const std::string& cert_file) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> file(::BIO_new_file(key_file.c_str(), "r"), ::BIO_free);
  bool encrypted = false;
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
      file == nullptr ? nullptr : ::PEM_read_bio_PrivateKey(file.get(), nullptr, no_password, &encrypted),
      ::EVP_PKEY_free);
  if (encrypted) {
    return fail(key_file + ": the key has a password", "tls.key_file names a PEM file without one");
  }
  if (key == nullptr) {
    return fail(key_file + ": no private key can be read from it", "tls.key_file names a PEM file");
  }
  // That it fits the certificate, which is there already, is looked at here too.
  if (::SSL_CTX_use_PrivateKey(context, key.get()) != 1 || ::SSL_CTX_check_private_key(context) != 1) {
    return fail(key_file + ": not the key of the certificate in " + cert_file);
  }
  return {};
}

}  // namespace

Status use_client_certificate(SSL_CTX* context, const std::string& cert_file, const std::string& key_file) {
  for (const std::string& file : {cert_file, key_file}) {
    if (auto can = readable(file); !can) {
      return can;
    }
  }
  Status used =
      ::SSL_CTX_use_certificate_chain_file(context, cert_file.c_str()) == 1
          ? use_key(context, key_file, cert_file)
          : Status(fail(cert_file + ": no certificate can be read from it", "tls.cert_file names a PEM file"));
  ::ERR_clear_error();  // said already
  return used;
}

}  // namespace bongsu
