// SPDX-License-Identifier: Apache-2.0
#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "base/result.h"

namespace bongsu {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(UniqueFd, ClosesWhatItOwns) {
  int number = -1;
  {
    const UniqueFd fd(open_null());
    ASSERT_TRUE(fd);
    number = fd.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, MovesItsOwnership) {
  UniqueFd first(open_null());
  const int number = first.get();
  UniqueFd second(std::move(first));
  EXPECT_EQ(second.get(), number);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what is left of it is the point
  EXPECT_TRUE(is_open(number));

  UniqueFd third(open_null());
  const int other = third.get();
  third = std::move(second);
  EXPECT_FALSE(is_open(other));
  EXPECT_EQ(third.get(), number);
  third.reset();
  EXPECT_FALSE(is_open(number));
}

TEST(Error, IsOneLine) {
  EXPECT_EQ((Error{"no such rule", "did you mean x?"}.to_string()), "no such rule: did you mean x?");
  EXPECT_EQ((Error{"no such rule", ""}.to_string()), "no such rule");
  const Status status = fail_errno("/rules", ENOENT, "pass --rules");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().to_string(), "/rules: No such file or directory: pass --rules");
}

}  // namespace
}  // namespace bongsu
