// SPDX-License-Identifier: Apache-2.0
#include "identity/cgroupfs_resolver.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace bongsu {
namespace {

using testing::ElementsAre;

TEST(CgroupMounts, AreReadFromMountinfo) {
  const auto mounts = parse_cgroup_mounts(
      "23 28 0:22 / /proc rw,nosuid shared:13 - proc proc rw\n"
      "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 master:1 - cgroup cgroup rw,cpu,cpuacct\n"
      "40 31 0:37 /docker/x /mnt/with\\040space rw - cgroup cgroup rw,xattr,name=systemd\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"
      "broken line\n"
      "1 2 3 - cgroup2\n");
  ASSERT_EQ(mounts.size(), 3U);
  EXPECT_EQ(mounts[0].point, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_FALSE(mounts[0].v2);
  EXPECT_THAT(mounts[0].controllers, ElementsAre("rw", "cpu", "cpuacct"));
  EXPECT_EQ(mounts[1].point, "/mnt/with space");
  EXPECT_EQ(mounts[1].root, "/docker/x");
  EXPECT_TRUE(mounts[2].v2);
}

TEST(CgroupHierarchies, AreReadFromProcCgroup) {
  const auto hierarchies = parse_cgroup_hierarchies("9:name=systemd:/\n4:cpu,cpuacct:/a:b\n0::/x\nnonsense\nx:y:z\n");
  ASSERT_EQ(hierarchies.size(), 3U);
  EXPECT_EQ(hierarchies[0].id, 9U);
  EXPECT_THAT(hierarchies[0].controllers, ElementsAre("name=systemd"));
  EXPECT_EQ(hierarchies[1].id, 4U);
  EXPECT_THAT(hierarchies[1].controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_EQ(hierarchies[2].id, 0U);
  EXPECT_TRUE(hierarchies[2].controllers.empty());
}

TEST(CgroupfsResolver, WithoutMountsNothingIsFound) {
  CgroupfsResolver resolver("/nonexistent");
  EXPECT_EQ(resolver.path_of({0, 1}), std::nullopt);
  EXPECT_EQ(resolver.path_of({4, 1}), std::nullopt);
}

// On the cgroup file systems of this machine, whichever it has.
class CgroupfsResolverHere : public testing::Test {
 protected:
  struct Mounted {
    std::uint32_t hierarchy;
    std::filesystem::path point;
  };

  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "open_by_handle_at needs CAP_DAC_READ_SEARCH";
    }
    const auto mounts = parse_cgroup_mounts(read("/proc/self/mountinfo"));
    for (const auto& hierarchy : parse_cgroup_hierarchies(read("/proc/self/cgroup"))) {
      for (const auto& mount : mounts) {
        const bool same = mount.v2 ? hierarchy.id == 0
                                   : !hierarchy.controllers.empty() &&
                                         std::find(mount.controllers.begin(), mount.controllers.end(),
                                                   hierarchy.controllers.front()) != mount.controllers.end();
        if (same && mount.root == "/") {
          mounted_.push_back({hierarchy.id, mount.point});
          break;
        }
      }
    }
    ASSERT_FALSE(mounted_.empty()) << "no cgroup file system is mounted";
  }
  void TearDown() override {
    std::reverse(made_.begin(), made_.end());  // the inner ones first
    for (const auto& made : made_) {
      ::rmdir(made.c_str());
    }
  }

  static std::string read(const char* path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Makes a cgroup and gives its id.
  std::uint64_t make(const std::filesystem::path& path) {
    EXPECT_EQ(::mkdir(path.c_str(), 0755), 0) << path << ": " << std::strerror(errno);
    made_.push_back(path);
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_ino;
  }

  std::vector<Mounted> mounted_;
  std::vector<std::filesystem::path> made_;
  const std::string name_ = "bongsu-test-" + std::to_string(::getpid());
};

TEST_F(CgroupfsResolverHere, FindsTheRootOfEachHierarchy) {
  CgroupfsResolver resolver("/proc");
  for (const Mounted& mount : mounted_) {
    struct stat status{};
    ASSERT_EQ(::stat(mount.point.c_str(), &status), 0);
    EXPECT_EQ(resolver.path_of({mount.hierarchy, status.st_ino}), "/") << mount.point;
  }
}

TEST_F(CgroupfsResolverHere, FindsNestedCgroupsInEachHierarchyUntilTheyAreRemoved) {
  CgroupfsResolver resolver("/proc");
  const std::string id(64, 'a');
  for (const Mounted& mount : mounted_) {
    const std::uint64_t outer = make(mount.point / name_);
    const std::uint64_t inner = make(mount.point / name_ / id);
    EXPECT_EQ(resolver.path_of({mount.hierarchy, outer}), "/" + name_) << mount.point;
    EXPECT_EQ(resolver.path_of({mount.hierarchy, inner}), "/" + name_ + "/" + id) << mount.point;
    ASSERT_EQ(::rmdir((mount.point / name_ / id).c_str()), 0);
    EXPECT_EQ(resolver.path_of({mount.hierarchy, inner}), std::nullopt) << mount.point;
    EXPECT_EQ(resolver.path_of({mount.hierarchy, outer}), "/" + name_) << mount.point;
  }
}

// Longer than PATH_MAX: with names of any length, so that many levels or few have to be climbed.
TEST_F(CgroupfsResolverHere, OfOneThatLiesTooDeepFindsOneAbove) {
  CgroupfsResolver resolver("/proc");
  const Mounted& mount = mounted_.front();
  const std::string front = "/" + name_ + "/" + std::string(64, 'a');
  make(mount.point / name_);
  make(mount.point / name_ / std::string(64, 'a'));
  for (const auto& [size, depth] : {std::pair<std::size_t, std::size_t>{255, 30}, {20, 300}, {40, 103}}) {
    const std::string name(size, 'x');
    std::vector<UniqueFd> chain;
    chain.emplace_back(::open((mount.point.string() + front).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t i = 0; i < depth; ++i) {
      ASSERT_EQ(::mkdirat(chain.back().get(), name.c_str(), 0755), 0) << std::strerror(errno);
      chain.emplace_back(::openat(chain.back().get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    struct stat status{};
    ASSERT_EQ(::fstat(chain.back().get(), &status), 0);
    const auto path = resolver.path_of({mount.hierarchy, status.st_ino});
    for (std::size_t i = depth; i-- > 0;) {
      EXPECT_EQ(::unlinkat(chain[i].get(), name.c_str(), AT_REMOVEDIR), 0) << std::strerror(errno);
    }
    ASSERT_TRUE(path) << depth;
    EXPECT_TRUE(path->starts_with(front + "/" + name)) << *path;
    EXPECT_GT(path->size() + size, PATH_MAX - mount.point.native().size() - 2) << "the nearest";
  }
}

// Two hierarchies give the same number to different cgroups: the hierarchy decides.
TEST_F(CgroupfsResolverHere, IdsOfDifferentHierarchiesDoNotMix) {
  if (mounted_.size() < 2) {
    GTEST_SKIP() << "one hierarchy only (cgroup v2)";
  }
  CgroupfsResolver resolver("/proc");
  const std::uint64_t id = make(mounted_[0].point / name_);
  for (std::size_t i = 1; i < mounted_.size(); ++i) {
    EXPECT_NE(resolver.path_of({mounted_[i].hierarchy, id}), "/" + name_);
  }
  EXPECT_EQ(resolver.path_of({99, id}), std::nullopt);
}

}  // namespace
}  // namespace bongsu
