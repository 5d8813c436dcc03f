// SPDX-License-Identifier: Apache-2.0
//
// Bodies in gzip's form (RFC 1952), one after the other with one compressor, whose tables are made once.
#pragma once

#include <zlib.h>

#include <memory>
#include <string>
#include <string_view>

namespace bongsu {

class Gzip {
 public:
  Gzip();

  // Empty: it cannot be compressed, for want of memory.
  [[nodiscard]] std::string compress(std::string_view bytes);

 private:
  struct End {
    void operator()(z_stream* stream) const;
  };
  std::unique_ptr<z_stream, End> stream_;  // none: there was no memory for it
};

}  // namespace bongsu
