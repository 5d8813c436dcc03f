// SPDX-License-Identifier: Apache-2.0
#include "identity/image_reference.h"

#include <gtest/gtest.h>

#include <string>

namespace bongsu {
namespace {

const std::string kDigest = "sha256:" + std::string(64, '7');

struct Case {
  std::string text;
  std::string name;
  std::string tag;
  std::string digest;
};

TEST(ImageReference, IsTakenApart) {
  const Case cases[] = {
      {"nginx", "nginx", "", ""},
      {"nginx:1.27", "nginx", "1.27", ""},
      {"docker.io/library/nginx:1.27", "docker.io/library/nginx", "1.27", ""},
      {"localhost:5000/app", "localhost:5000/app", "", ""},
      {"registry.example:5000/team/app:1.2", "registry.example:5000/team/app", "1.2", ""},
      {"registry.example:5000/team/app@" + kDigest, "registry.example:5000/team/app", "", kDigest},
      {"nginx:1.27@" + kDigest, "nginx", "1.27", kDigest},
      {"[fd00::1]:5000/app:2", "[fd00::1]:5000/app", "2", ""},
      {kDigest, "", "", kDigest},
      {std::string(64, 'a'), "", "", std::string(64, 'a')},
      {"a1b2c3d4e5f6", "a1b2c3d4e5f6", "", ""},  // a short id looks like a name
      {"sha256", "sha256", "", ""},
      {"app@sha256:short", "app", "", ""},
      {"app@", "app", "", ""},
      {"@" + kDigest, "", "", kDigest},
      {":1", "", "1", ""},
      {"", "", "", ""},
  };
  for (const Case& want : cases) {
    const ImageReference found = parse_image_reference(want.text);
    EXPECT_EQ(found.name, want.name) << want.text;
    EXPECT_EQ(found.tag, want.tag) << want.text;
    EXPECT_EQ(found.digest, want.digest) << want.text;
  }
}

TEST(ImageReference, DigestsAreAlgorithmAndHex) {
  EXPECT_TRUE(is_digest("sha512:" + std::string(128, 'a')));
  EXPECT_FALSE(is_digest("sha512:" + std::string(129, 'a')));
  EXPECT_FALSE(is_digest(":" + std::string(64, 'a')));
  EXPECT_FALSE(is_digest("sha256:" + std::string(63, 'a') + "G"));
  EXPECT_FALSE(is_digest("SHA256:" + std::string(64, 'a')));
  EXPECT_FALSE(is_digest("sha256"));
}

}  // namespace
}  // namespace bongsu
