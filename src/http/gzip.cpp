// SPDX-License-Identifier: Apache-2.0
#include "http/gzip.h"

#include <limits>

namespace bongsu {
namespace {

// zlib.h, deflateInit2: 15 is the largest window, 16 more ask for gzip's header, 8 is the memory taken by default.
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemory = 8;
// Alerts are repetitive text: the fastest level takes them to about an eighth, and higher ones take twice its time.
constexpr int kLevel = Z_BEST_SPEED;

}  // namespace

Gzip::Gzip() {
  auto stream = std::make_unique<z_stream>();
  *stream = {};
  if (::deflateInit2(stream.get(), kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) == Z_OK) {
    stream_.reset(stream.release());
  }
}

void Gzip::End::operator()(z_stream* stream) const {
  ::deflateEnd(stream);
  delete stream;  // NOLINT(cppcoreguidelines-owning-memory): the other half of release() above
}

std::string Gzip::compress(std::string_view bytes) {
  if (stream_ == nullptr || bytes.size() > std::numeric_limits<uInt>::max() / 2 ||
      ::deflateReset(stream_.get()) != Z_OK) {
    return {};
  }
  std::string out(::deflateBound(stream_.get(), static_cast<uLong>(bytes.size())), '\0');
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib only reads what is there, whatever its type says
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_->avail_in = static_cast<uInt>(bytes.size());
  stream_->next_out = reinterpret_cast<Bytef*>(out.data());
  stream_->avail_out = static_cast<uInt>(out.size());
  if (::deflate(stream_.get(), Z_FINISH) != Z_STREAM_END) {
    return {};
  }
  out.resize(out.size() - stream_->avail_out);
  return out;
}

}  // namespace bongsu
