// SPDX-License-Identifier: Apache-2.0
#include "http/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace bongsu {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;

TEST(Resolver, TakesAddressesAsTheyAre) {
  for (const char* address : {"127.0.0.1", "192.0.2.7", "::1"}) {
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

// A name server that does not answer before it is let.
struct SlowServer {
  std::promise<void> answer;
  std::shared_future<void> answered = answer.get_future().share();
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);

  [[nodiscard]] Resolver::Lookup lookup() const {
    return [answered = answered, asked = asked](const std::string& host) -> Resolver::Addresses {
      ++*asked;
      answered.wait();
      return std::vector<std::string>{"address of " + host};
    };
  }
};

TEST(Resolver, WaitsAgainForTheLookupUnderWay) {
  SlowServer server;
  Resolver resolver("a", server.lookup());
  for (int i = 0; i < 3; ++i) {
    const auto none = resolver.resolve(nanoseconds(1));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().to_string(), "the name server does not answer");
  }
  server.answer.set_value();
  EXPECT_THAT(resolver.resolve(seconds(30)).value(), ElementsAre("address of a"));
  EXPECT_EQ(*server.asked, 1);
  EXPECT_TRUE(resolver.resolve(seconds(30)));
  EXPECT_EQ(*server.asked, 2);
}

TEST(Resolver, AnInterruptionEndsTheWaitAndNothingWaitsForTheLookup) {
  SlowServer server;
  auto resolver = std::make_unique<Resolver>("a", server.lookup());
  auto waiting = std::async(std::launch::async, [&] { return resolver->resolve(hours(1)); });
  while (*server.asked == 0) {
    std::this_thread::yield();
  }
  resolver->interrupt();
  EXPECT_FALSE(waiting.get());
  EXPECT_FALSE(resolver->resolve(hours(1)));
  resolver.reset();
  server.answer.set_value();
}

}  // namespace
}  // namespace bongsu
