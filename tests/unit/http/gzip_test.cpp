// SPDX-License-Identifier: Apache-2.0
#include "http/gzip.h"

#include <gtest/gtest.h>

#include "support/gunzip.h"

namespace bongsu {
namespace {

TEST(Gzip, GivesEachBodyBack) {
  Gzip gzip;
  std::string noise;
  for (unsigned value = 1; noise.size() < 100'000; value = value * 1'103'515'245 + 12'345) {
    noise += static_cast<char>(value >> 16U);
  }
  for (const std::string& body : {std::string(50'000, 'a'), noise, std::string("x"), std::string()}) {
    const std::string small = gzip.compress(body);
    EXPECT_EQ(gunzip(small), body);
    EXPECT_LT(small.size(), body.size() + 100);
  }
  EXPECT_LT(gzip.compress(std::string(50'000, 'a')).size(), 1000U);
}

}  // namespace
}  // namespace bongsu
