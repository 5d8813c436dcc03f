// SPDX-License-Identifier: Apache-2.0
#include "rules/sources.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/unique_fd.h"
#include "rules/limits.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

// Reads at most one byte more than is allowed, which is how the loader sees that it is too much.
Result<std::string> read_file(const fs::path& path) {
  // O_NONBLOCK: a FIFO must not hold the program up; it is refused below.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    return fail_errno(path.string(), errno);
  }
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) {
    return fail_errno(path.string(), errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(path.string() + ": neither a file nor a directory");
  }
  std::string text;
  std::size_t used = 0;
  while (used <= kMaxRuleFileBytes) {
    constexpr std::size_t kChunkBytes = 64U << 10;
    text.resize(used + kChunkBytes);
    const ssize_t got = ::read(fd.get(), text.data() + used, kChunkBytes);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return fail_errno(path.string(), errno);
    }
    if (got == 0) {
      break;
    }
    used += static_cast<std::size_t>(got);
  }
  text.resize(used);
  return text;
}

class Reader {
 public:
  Status path(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
      return fail("no rules at " + path.string(), "give a rule file or a directory of *.json files");
    }
    if (status.type() == fs::file_type::none) {
      return fail("cannot read rules at " + path.string() + ": " + error.message());
    }
    if (!fs::is_directory(status)) {
      Result<std::string> text = read_file(path);
      if (!text) {
        return fail("cannot read rules at " + text.error().message);
      }
      return keep(path, std::move(*text));
    }
    const std::size_t before = found_.sources.size() + found_.diagnostics.size();
    if (Status read = folder(path, 0); !read) {
      return read;
    }
    if (found_.sources.size() + found_.diagnostics.size() == before) {
      complain(Diagnostic::Level::warning, path, "no *.json file in this directory", "");
    }
    return {};
  }

  SourceFiles take() { return std::move(found_); }

 private:
  Status folder(const fs::path& path, std::size_t depth) {
    if (depth > kMaxFolderDepth) {
      complain(Diagnostic::Level::error, path, "directories are nested too deep",
               "at most " + std::to_string(kMaxFolderDepth) + " levels; this one is not read");
      return {};
    }
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      entries.push_back(*it);
    }
    if (error) {
      const std::string message = "cannot read rules at " + path.string() + ": " + error.message();
      if (depth == 0) {
        return fail(message);
      }
      complain(Diagnostic::Level::error, path, "cannot read the directory: " + error.message(), "");
      return {};
    }
    std::ranges::sort(entries, {}, [](const fs::directory_entry& entry) { return entry.path().filename().native(); });
    for (const fs::directory_entry& entry : entries) {
      // A schema lies beside the rules that name it, for editors.
      if (const std::string name = entry.path().filename().native();
          name.starts_with('.') || name.ends_with(".schema.json")) {
        continue;
      }
      // A symbolic link to a directory is not followed: it could lead back.
      if (!entry.is_symlink(error) && entry.is_directory(error)) {
        if (Status status = folder(entry.path(), depth + 1); !status) {
          return status;
        }
      } else if (entry.path().extension() == ".json") {
        if (Status status = file(entry.path()); !status) {
          return status;
        }
      }
    }
    return {};
  }

  Status file(const fs::path& path) {
    Result<std::string> text = read_file(path);
    if (!text) {
      complain(Diagnostic::Level::error, path, "cannot read the file: " + text.error().message, "");
      return {};
    }
    return keep(path, std::move(*text));
  }

  Status keep(const fs::path& path, std::string text) {
    if (found_.sources.size() == kMaxRuleFiles) {
      return fail("more than " + std::to_string(kMaxRuleFiles) + " rule files, the last one " + path.string(),
                  "put several rules into one file");
    }
    total_bytes_ += text.size();
    if (total_bytes_ > kMaxAllRuleBytes) {
      return fail("the rule files together are larger than " + std::to_string(kMaxAllRuleBytes >> 20) + " MiB, up to " +
                  path.string());
    }
    found_.sources.push_back({path.string(), std::move(text)});
    return {};
  }

  void complain(Diagnostic::Level level, const fs::path& path, std::string message, std::string hint) {
    found_.diagnostics.push_back({level, path.string(), 0, 0, {}, std::move(message), std::move(hint)});
  }

  SourceFiles found_;
  std::size_t total_bytes_ = 0;
};

}  // namespace

Result<SourceFiles> read_sources(std::span<const std::filesystem::path> paths) {
  Reader reader;
  for (const fs::path& path : paths) {
    if (Status status = reader.path(path); !status) {
      return tl::make_unexpected(std::move(status.error()));
    }
  }
  return reader.take();
}

}  // namespace bongsu
