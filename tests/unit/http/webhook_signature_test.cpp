// SPDX-License-Identifier: Apache-2.0
#include "http/webhook_signature.h"

#include <gtest/gtest.h>

#include "http/base64.h"

namespace bongsu {
namespace {

TEST(Base64, HasTheVectorsOfRfc4648) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {{"", ""},
                                                                        {"f", "Zg=="},
                                                                        {"fo", "Zm8="},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg=="},
                                                                        {"fooba", "Zm9vYmE="},
                                                                        {"foobar", "Zm9vYmFy"},
                                                                        {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(parse_base64(text), bytes);
  }
  EXPECT_EQ(parse_base64("Zm8"), "fo");
  for (const char* wrong : {"Zm8=x", "Z", "Zm9v=", "Zm-v", "=", "Zm 9"}) {
    EXPECT_FALSE(parse_base64(wrong)) << wrong;
  }
}

TEST(WebhookSignature, IsThatOfStandardWebhooks) {
  // The vector of its reference libraries' tests.
  const auto key = parse_webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, AKeyIsItsTextUnlessItSaysOtherwise) {
  EXPECT_EQ(parse_webhook_key("abc=\xff").value(), "abc=\xff");
  EXPECT_EQ(parse_webhook_key("whsec_Zm9v").value(), "foo");
  for (const char* wrong : {"whsec_", "whsec_!", "whsec_Zm9vA"}) {
    EXPECT_FALSE(parse_webhook_key(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace bongsu
