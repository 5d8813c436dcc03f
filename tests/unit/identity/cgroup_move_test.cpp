// SPDX-License-Identifier: Apache-2.0
//
// A process that changes its cgroup: which container it left, and which it came into.
#include <gtest/gtest.h>

#include <string>

#include "identity/identity.h"
#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::text;
using test::Who;

class HostOnly final : public CgroupResolver {
 public:
  std::optional<std::string> path_of(CgroupKey key) override {
    return key.id == 1 ? std::optional<std::string>("/") : std::nullopt;
  }
};

constexpr std::uint64_t kHost = 1;
constexpr std::uint64_t kFirst = 70;  // the cgroups of two containers
constexpr std::uint64_t kSecondOne = 80;
constexpr std::uint64_t kNested = 90;  // inside the first one's

constexpr std::size_t kIdLength = 64;
std::string id_of(char digit) {
  std::string id;
  id.resize(kIdLength, digit);
  return id;
}
std::string path_of(char digit) { return std::string("/system.slice/docker-").append(id_of(digit)).append(".scope"); }
std::string docker_of(char digit) { return std::string("/docker/").append(id_of(digit)); }
std::string arrow(std::string from, std::string_view to) { return from.append(" -> ").append(to); }

class CgroupMoveTest : public testing::Test {
 protected:
  CgroupMoveTest() : identity_(options()) {
    observe(RecordBuilder::cgroup_made(runc_, 0, kFirst, path_of('a')).cgroup_v2(kHost));
    observe(RecordBuilder::cgroup_made(runc_, 0, kSecondOne, path_of('b')).cgroup_v2(kHost));
    observe(RecordBuilder::cgroup_made(runc_, 0, kNested, path_of('a').append("/inner")).cgroup_v2(kHost));
  }
  static Identity::Options options() {
    Identity::Options options;
    options.host_name = "node-1";
    options.boot_id = "boot";
    options.resolver = std::make_unique<HostOnly>();
    return options;
  }
  const LiveEvent* observe(const RecordBuilder& builder) {
    last_ = builder;
    return identity_.observe(last_.record());
  }
  // "left -> entered", where "(none)" is the host.
  std::string moved(std::uint64_t to, const std::string& path, std::uint64_t at_s) {
    const LiveEvent* event = observe(RecordBuilder::cgroup_moved(shell_, 0, to, path).cgroup_v2(to).at(at_s * kSecond));
    return event == nullptr
               ? "(no event)"
               : arrow(text(event->value(FieldId::container_id)), text(event->value(FieldId::container_target_id)));
  }

  Identity identity_;
  RecordBuilder last_ = RecordBuilder::exit({1, 1});
  const Who runc_{60, 2 * kSecond};
  const Who shell_{62, 4 * kSecond};
};

TEST_F(CgroupMoveTest, IntoAContainerAndOut) {
  observe(RecordBuilder::exec(shell_).cgroup_v2(kHost).program("/bin/sh").at(5 * kSecond));
  EXPECT_EQ(moved(kFirst, path_of('a'), 6), arrow("(none)", id_of('a')));
  EXPECT_EQ(text(observe(RecordBuilder::exec(shell_).cgroup_v2(kFirst).program("/bin/ls").at(7 * kSecond))
                     ->value(FieldId::container_id)),
            id_of('a'));
  EXPECT_EQ(moved(kHost, "/", 8), arrow(id_of('a'), "(none)"));
  EXPECT_EQ(text(observe(RecordBuilder::exit(shell_).cgroup_v2(kHost).at(9 * kSecond))->value(FieldId::container_id)),
            "(none)");
}

TEST_F(CgroupMoveTest, FromOneContainerToAnother) {
  observe(RecordBuilder::exec(shell_).cgroup_v2(kFirst).program("/bin/sh").at(5 * kSecond));
  EXPECT_EQ(moved(kSecondOne, path_of('b'), 6), arrow(id_of('a'), id_of('b')));
}

// A cgroup made inside a container belongs to it: moving there is no escape.
TEST_F(CgroupMoveTest, IntoANestedCgroup) {
  observe(RecordBuilder::exec(shell_).cgroup_v2(kFirst).program("/bin/sh").at(5 * kSecond));
  EXPECT_EQ(moved(kNested, path_of('a').append("/inner"), 6), arrow(id_of('a'), id_of('a')));
}

TEST_F(CgroupMoveTest, OwnFields) {
  RecordBuilder builder = RecordBuilder::cgroup_moved(shell_, 0, kFirst, path_of('a'));
  builder.as<bongsu_cgroup_move>().mover_pid = 60;
  const LiveEvent* event = observe(builder.cgroup_v2(kFirst).at(6 * kSecond));
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->value(FieldId::process_pid).integer(), 62);
  EXPECT_EQ(event->value(FieldId::process_mover_pid).integer(), 60);
  EXPECT_EQ(text(event->value(FieldId::cgroup_path)), path_of('a'));
  EXPECT_FALSE(event->placed());  // nobody may take where it went for where it was
}

// On version 1 each hierarchy is entered on its own; the task's place is told by another one than this.
TEST_F(CgroupMoveTest, InAHierarchyThatDoesNotPlace) {
  constexpr std::uint32_t kFreezer = 6;
  observe(RecordBuilder::cgroup_made(runc_, kFreezer, 40, docker_of('c')).cgroup_v2(kHost));
  observe(RecordBuilder::exec(shell_).cgroup_v2(kHost).program("/bin/sh").at(5 * kSecond));
  const LiveEvent* event =
      observe(RecordBuilder::cgroup_moved(shell_, kFreezer, 40, docker_of('c')).cgroup_v2(kHost).at(6 * kSecond));
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(text(event->value(FieldId::container_id)), "(none)");
  EXPECT_EQ(text(event->value(FieldId::container_target_id)), id_of('c'));
}

TEST_F(CgroupMoveTest, ARenamedContainerStaysWhatItIs) {
  constexpr std::uint32_t kMemory = 4;
  observe(RecordBuilder::cgroup_made(runc_, kMemory, 41, docker_of('d')).cgroup_v2(kHost));
  const LiveEvent* event =
      observe(RecordBuilder::cgroup_renamed(shell_, kMemory, 41, "/docker/other").cgroup_v2(kHost).at(6 * kSecond));
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(text(event->value(FieldId::container_target_id)), id_of('d'));
  EXPECT_EQ(text(event->value(FieldId::cgroup_path)), "/docker/other");
}

}  // namespace
}  // namespace bongsu
