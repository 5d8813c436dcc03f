// SPDX-License-Identifier: Apache-2.0
//
// The numbers and texts inside a frame. Unpacking never reads beyond the frame: what is not there comes out as zero or
// empty, and whole() says so.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace bongsu {

static_assert(std::endian::native == std::endian::little, "records and recordings are little-endian");

class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  template <std::integral Number>
  Packer& number(Number value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Packer& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_ += value;
    return *this;
  }

 private:
  std::string& out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::integral Number>
  [[nodiscard]] Number number() {
    Number value{};
    if (take(sizeof value)) {
      std::memcpy(&value, taken_.data(), sizeof value);
    }
    return value;
  }
  [[nodiscard]] std::string_view text() {
    const auto size = number<std::uint32_t>();
    return take(size) ? std::string_view(reinterpret_cast<const char*>(taken_.data()), size) : std::string_view{};
  }
  // All of the frame was used, and nothing was missing.
  [[nodiscard]] bool whole() const { return good_ && bytes_.empty(); }

 private:
  bool take(std::size_t size) {
    good_ = good_ && size <= bytes_.size();
    if (good_) {
      taken_ = bytes_.first(size);
      bytes_ = bytes_.subspan(size);
    }
    return good_;
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> taken_;
  bool good_ = true;
};

}  // namespace bongsu
