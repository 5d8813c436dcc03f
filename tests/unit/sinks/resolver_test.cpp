// SPDX-License-Identifier: Apache-2.0
//
// Only names that are answered without a name server.
#include "sinks/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bongsu {
namespace {

using std::chrono::seconds;
using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;

TEST(Resolver, TakesAddressesAsTheyAre) {
  for (const char* address : {"127.0.0.1", "192.0.2.7"}) {
    Resolver resolver(address);
    for (int again = 0; again < 2; ++again) {
      const auto found = resolver.resolve(seconds(30));
      ASSERT_TRUE(found) << found.error().to_string();
      EXPECT_THAT(*found, ElementsAre(address));
    }
  }
}

TEST(Resolver, FindsTheNamesOfTheHost) {
  const auto found = Resolver("localhost").resolve(seconds(30));
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_THAT(*found, Each(AnyOf("127.0.0.1", "::1")));
}

TEST(Resolver, ATimeoutIsAnErrorAndTheLookupIsFinishedLater) {
  Resolver resolver("localhost");
  // Without any time it may still be through at once; then there is nothing to wait for.
  if (const auto none = resolver.resolve(seconds(0)); !none) {
    EXPECT_EQ(none.error().to_string(), "the name server does not answer");
  }
  EXPECT_TRUE(resolver.resolve(seconds(30)));
}

TEST(Resolver, EndsWhileALookupIsUnderWay) {
  for (int i = 0; i < 50; ++i) {
    Resolver resolver("localhost");
    (void)resolver.resolve(seconds(0));
  }
}

}  // namespace
}  // namespace bongsu
