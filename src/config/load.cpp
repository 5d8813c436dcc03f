// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <cerrno>
#include <fstream>

#include "base/json_document.h"
#include "config/reader.h"

namespace bongsu {
namespace {

// Far above any real file; a directory of rules named here by mistake, or a device, ends with a clear word.
constexpr std::uintmax_t kMaxFileBytes = 16 << 20;

Result<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  char block[4096];
  while (stream && text.size() <= kMaxFileBytes) {
    stream.read(block, sizeof block);
    text.append(block, static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream.eof() || stream.bad()) {
    return text.size() > kMaxFileBytes ? Result<std::string>(fail(path.string() + ": larger than 16 MiB"))
                                       : Result<std::string>(fail_errno(path.string(), errno == 0 ? EIO : errno));
  }
  return text;
}

}  // namespace

Result<Config> parse_config(std::string_view text, std::string_view source) {
  auto document = JsonDocument::parse(text);
  if (!document) {
    return fail(std::string(source) + ":" + document.error().message, document.error().hint);
  }
  Config config;
  if (auto status = ConfigReader(source, &*document).read(document->root(), config); !status) {
    return tl::make_unexpected(status.error());
  }
  return config;
}

Result<Config> load_config(const ConfigFile& file, const Environment& environment) {
  Config config;
  std::error_code error;
  const auto kind = std::filesystem::status(file.path, error).type();
  if (kind == std::filesystem::file_type::directory) {
    return fail(file.path.string() + ": is a directory", "name a JSON file");
  }
  if (kind == std::filesystem::file_type::not_found) {
    if (file.required) {
      return fail(file.path.string() + ": no such file", "create it, or leave --config away for the defaults");
    }
  } else {
    errno = 0;
    auto text = read_text(file.path);
    if (!text) {
      return tl::make_unexpected(text.error());
    }
    auto parsed = parse_config(*text, file.path.string());
    if (!parsed) {
      return parsed;
    }
    config = *std::move(parsed);
  }
  if (auto status = apply_environment(config, environment); !status) {
    return tl::make_unexpected(status.error());
  }
  return config;
}

}  // namespace bongsu
