// SPDX-License-Identifier: Apache-2.0
//
// Gives a fuzz target the inputs that it began with and those that once ended it, without libFuzzer, so that every run
// of the tests does with any compiler:
//
//   fuzz_replay rules tests/fuzz/corpus/rules          a folder, or files
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

extern "C" {
#define TARGET(name) int name##_fuzz(const std::uint8_t* data, std::size_t size);
#include "fuzz/targets.def"
#undef TARGET
}

namespace {

namespace fs = std::filesystem;

struct Target {
  std::string_view name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

constexpr Target kTargets[] = {
#define TARGET(name) {#name, name##_fuzz},
#include "fuzz/targets.def"
#undef TARGET
};

// The files of a folder in order, or the file itself.
std::vector<fs::path> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return {path};
  }
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// Of exactly the input's size, so that the sanitizer sees a read behind its end.
bool run(const Target& target, const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) {
    return false;
  }
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  std::printf("%s (%zu bytes)\n", file.c_str(), input.size());
  std::fflush(stdout);  // the last line says which input it was
  static_cast<void>(target.run(input.data(), input.size()));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  const auto* target =
      std::ranges::find(kTargets, arguments.size() > 1 ? arguments[1] : std::string_view(), &Target::name);
  if (target == std::end(kTargets) || arguments.size() < 3) {
    std::fputs("usage: fuzz_replay TARGET FOLDER|FILE ...\ntargets:", stderr);
    for (const Target& known : kTargets) {
      std::fprintf(stderr, " %.*s", static_cast<int>(known.name.size()), known.name.data());
    }
    std::fputs("\n", stderr);
    return 2;
  }
  std::size_t inputs = 0;
  for (const char* path : arguments.subspan(2)) {
    for (const fs::path& file : files_of(path)) {
      if (!run(*target, file)) {
        std::fprintf(stderr, "fuzz_replay: cannot read %s\n", file.c_str());
        return 1;
      }
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}
