// SPDX-License-Identifier: Apache-2.0
#include "events/syscalls_markdown.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "events/syscalls.h"
#include "support/source_folder.h"

namespace bongsu {
namespace {

TEST(SyscallsMarkdown, IsTheDocument) {
  std::ifstream in(source_folder() / "docs/syscalls.md");
  const std::string document{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(document == syscalls_markdown()) << "docs/syscalls.md is not what `bongsu events --syscalls` writes";
}

TEST(SyscallsMarkdown, HoldsEveryCallOnceAndEvenTables) {
  const std::string text = syscalls_markdown();
  std::istringstream in(text);
  std::multiset<std::string> names;
  std::ptrdiff_t columns = 0;  // of the table that the line is in
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('|')) {
      columns = 0;
      continue;
    }
    const auto cells = std::ranges::count(line, '|');
    EXPECT_EQ(cells, columns == 0 ? cells : columns) << line;
    columns = cells;
    if (line.starts_with("| `")) {
      names.insert(line.substr(3, line.find('`', 3) - 3));
    }
  }
  EXPECT_EQ(names.size(), syscalls().size() + x32_numbers().size());
  for (const SyscallInfo& call : syscalls()) {
    EXPECT_TRUE(names.contains(std::string(call.name))) << call.name;
  }
  EXPECT_EQ(text.find("\n\n\n"), std::string::npos);
}

}  // namespace
}  // namespace bongsu
