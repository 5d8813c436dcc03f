// SPDX-License-Identifier: Apache-2.0
//
// What gzip packed, up to 1 MiB of it.
#pragma once

#include <zlib.h>

#include <string>

namespace bongsu {

// "(not gzip)" when it is not, or there is more behind it.
inline std::string gunzip(std::string packed) {
  std::string out(std::size_t{1} << 20, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  constexpr int kGzipOnly = 15 + 16;  // zlib.h, inflateInit2
  const bool whole = ::inflateInit2(&stream, kGzipOnly) == Z_OK && ::inflate(&stream, Z_FINISH) == Z_STREAM_END &&
                     stream.avail_in == 0;
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return whole ? out : "(not gzip)";
}

}  // namespace bongsu
