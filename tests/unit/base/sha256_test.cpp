// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <gtest/gtest.h>

namespace bongsu {
namespace {

// FIPS 180-4's example "abc" (csrc.nist.gov, SHA256.pdf): ba7816bf ... f20015ad.
TEST(Sha256, IsTheStandards) {
  const Sha256 digest = sha256("abc");
  EXPECT_EQ(digest.front(), std::byte{0xba});
  EXPECT_EQ(digest[1], std::byte{0x78});
  EXPECT_EQ(digest[30], std::byte{0x15});
  EXPECT_EQ(digest.back(), std::byte{0xad});
}

}  // namespace
}  // namespace bongsu
