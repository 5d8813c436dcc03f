// SPDX-License-Identifier: Apache-2.0
#include "control/process_metrics.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include "base/unique_fd.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

double value_of(const std::vector<MetricFamily>& families, std::string_view name) {
  for (const MetricFamily& family : families) {
    if (family.name == name && family.samples.size() == 1) {
      return family.samples.front().value;
    }
  }
  ADD_FAILURE() << "no " << name;
  return 0;
}

class MadeUpProc : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (fs::temp_directory_path() / "bongsu-proc-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    proc_ = folder;
    fs::create_directories(proc_ / "self/fd");
  }
  void TearDown() override { fs::remove_all(proc_); }
  void write(const char* path, const std::string& text) const { std::ofstream(proc_ / path) << text; }
  fs::path proc_;
};

TEST_F(MadeUpProc, IsReadByItsFields) {
  // A name may look like the fields behind it.
  write("self/stat",
        "7 (a) S 9 (b)) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 -5 4 0 1000 99999 25 18446744073709551615\n");
  write("stat", "cpu  1 2 3\nctxt 5\nbtime 1700000000\nprocesses 9\n");
  write("self/fd/0", "");
  write("self/fd/1", "");
  const std::vector<MetricFamily> families = process_metrics(proc_);
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(value_of(families, "process_cpu_seconds_total"), 200 / ticks);
  EXPECT_DOUBLE_EQ(value_of(families, "process_resident_memory_bytes"),
                   25.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  EXPECT_DOUBLE_EQ(value_of(families, "process_start_time_seconds"), 1'700'000'000 + 1000 / ticks);
  EXPECT_DOUBLE_EQ(value_of(families, "process_open_fds"), 2);
}

TEST_F(MadeUpProc, WhatCannotBeReadIsLeftOut) {
  for (const char* text : {"", "7 (a", "7 (a) S 1 2 3", "7 (a) S x"}) {
    write("self/stat", text);
    const std::string told = to_prometheus(process_metrics(proc_));
    EXPECT_THAT(told, Not(HasSubstr("process_cpu_seconds_total"))) << text;
    EXPECT_THAT(told, HasSubstr("\nprocess_open_fds 0\n")) << text;
  }
  EXPECT_EQ(to_prometheus(process_metrics(proc_ / "nowhere")), "");
}

TEST(ProcessMetrics, AreThoseOfThisProcess) {
  const double open = value_of(process_metrics("/proc"), "process_open_fds");
  const UniqueFd more(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::vector<MetricFamily> families = process_metrics("/proc");
  EXPECT_DOUBLE_EQ(value_of(families, "process_open_fds"), open + 1);
  EXPECT_GT(value_of(families, "process_resident_memory_bytes"), 1 << 20);
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_LE(value_of(families, "process_start_time_seconds"), now + 2);
  EXPECT_GT(value_of(families, "process_start_time_seconds"), now - 86'400);
  while (value_of(process_metrics("/proc"), "process_cpu_seconds_total") <=
         value_of(families, "process_cpu_seconds_total")) {
  }
}

}  // namespace
}  // namespace bongsu
