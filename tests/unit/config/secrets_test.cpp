// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace bongsu {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Secrets : public ::testing::Test {
 protected:
  Secrets() : folder_(fs::temp_directory_path() / ("secrets-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    config_.webhooks.resize(1);
    config_.webhooks[0].name = "duty";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }
  std::string error() {
    const Status read = read_secrets(config_);
    return read ? "" : read.error().to_string();
  }

  fs::path folder_;
  Config config_;
};

TEST_F(Secrets, UrlAndTokenComeFromTheirFiles) {
  config_.webhooks[0].url_file = file("url", "https://h.example/x\n");
  config_.webhooks[0].bearer_token_file = file("token", " abc.def \n");
  ASSERT_EQ(error(), "");
  EXPECT_EQ(config_.webhooks[0].url, "https://h.example/x");
  EXPECT_EQ(config_.webhooks[0].bearer_token, "abc.def");
  EXPECT_THAT(secret_files(config_), ElementsAre(folder_ / "url", folder_ / "token"));
}

TEST_F(Secrets, WithoutFilesNothingIsRead) {
  config_.webhooks[0].url = "http://h";
  EXPECT_EQ(error(), "");
  EXPECT_TRUE(secret_files(config_).empty());
  EXPECT_EQ(config_.webhooks[0].url, "http://h");
}

TEST_F(Secrets, WhatCannotBeASecretIsRefused) {
  WebhookConfig& webhook = config_.webhooks[0];
  webhook.url_file = (folder_ / "absent").string();
  EXPECT_THAT(error(), HasSubstr("webhook duty: " + webhook.url_file));
  webhook.url_file = file("empty", " \n");
  EXPECT_THAT(error(), HasSubstr("empty"));
  webhook.url_file = file("ftp", "ftp://h/");
  EXPECT_THAT(error(), HasSubstr("webhook duty: " + webhook.url_file));
  webhook.url_file = folder_.string();
  EXPECT_NE(error(), "");
  webhook.url_file = file("large", std::string(70'000, 'x'));
  EXPECT_THAT(error(), HasSubstr("larger than 64 KiB"));
  webhook.url_file.clear();
  webhook.bearer_token_file = file("lines", "a\r\nX-Other: b");
  EXPECT_THAT(error(), HasSubstr("not a token"));
}

}  // namespace
}  // namespace bongsu
