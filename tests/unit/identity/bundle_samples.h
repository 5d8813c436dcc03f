// SPDX-License-Identifier: Apache-2.0
//
// The files of real containers that the fuzzer starts from, and what they are about.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/source_folder.h"

namespace bongsu::test {

inline const std::string kBundleId(64, 'a');
inline const std::string kBundleSandbox = "5e4d3c2b1a0f5e4d3c2b1a0f5e4d3c2b1a0f5e4d3c2b1a0f5e4d3c2b1a0f5e4d";
inline const std::string kBundlePod = "36b6d6be-73b1-465a-a369-b3985edafa09";

inline std::filesystem::path samples() { return source_folder() / "tests/fuzz/corpus/bundle"; }

inline std::string sample(const std::string& name) {
  std::ifstream in(samples() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> all_samples() {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(samples())) {
    texts.push_back(sample(entry.path().filename()));
  }
  return texts;
}

}  // namespace bongsu::test
