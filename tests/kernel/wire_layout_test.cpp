// SPDX-License-Identifier: Apache-2.0
//
// The records as the kernel side lays them out, from the BTF of the object that is built into the program, against the
// structs and the table that read them.
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "events/catalogue.h"
#include "probes.skel.h"
#include "sensor/call_hooks.h"

namespace bongsu::test {
namespace {

struct Layout {
  std::size_t size = 0;
  std::map<std::string, std::size_t> offsets;  // in bytes
  [[nodiscard]] std::size_t offset_of(const std::string& member) const {
    const auto found = offsets.find(member);
    return found == offsets.end() ? SIZE_MAX : found->second;
  }
};

class WireLayoutTest : public testing::Test {
 protected:
  WireLayoutTest() : skeleton_(probes__open(), &probes__destroy) {}

  // Of `struct NAME` in the object; without a size when it is not there.
  [[nodiscard]] Layout layout(const std::string& name) const {
    const btf* types = bpf_object__btf(skeleton_->obj);
    const __s32 id = btf__find_by_name_kind(types, name.c_str(), BTF_KIND_STRUCT);
    Layout found;
    if (id < 0) {
      return found;
    }
    const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
    const btf_member* members = btf_members(type);
    found.size = type->size;
    for (__u32 i = 0; i < btf_vlen(type); ++i) {
      EXPECT_EQ(btf_member_bitfield_size(type, i), 0U) << name;
      found.offsets[btf__name_by_offset(types, members[i].name_off)] = btf_member_bit_offset(type, i) / 8;
    }
    return found;
  }

  std::unique_ptr<probes, decltype(&probes__destroy)> skeleton_;
};

TEST_F(WireLayoutTest, EveryRecordIsAsTheTableSays) {
  ASSERT_NE(skeleton_, nullptr);
  int compared = 0;
  for (const EventInfo& event : events()) {
    if (event.ring == Ring::none) {
      continue;
    }
    const Layout kernel = layout("bongsu_" + std::string(event.name));
    EXPECT_EQ(kernel.size, wire_size(event.type)) << event.name;
    ASSERT_TRUE(kernel.offsets.contains("header")) << event.name;
    EXPECT_EQ(kernel.offsets.at("header"), 0U);
    for (const WireMember& member : wire_members(event.type)) {
      ASSERT_TRUE(kernel.offsets.contains(std::string(member.name))) << event.name << "." << member.name;
      EXPECT_EQ(kernel.offsets.at(std::string(member.name)), member.offset) << event.name << "." << member.name;
    }
    // Nothing there that the table does not know: the header, padding, and its members.
    const bool padded = kernel.offsets.contains("pad");
    EXPECT_EQ(kernel.offsets.size(), 1 + wire_members(event.type).size() + (padded ? 1 : 0)) << event.name;
    ++compared;
  }
  EXPECT_GE(compared, 6);
}

TEST_F(WireLayoutTest, BothContainerEventsHaveOneShape) {
  EXPECT_EQ(wire_size(EventType::container_start), wire_size(EventType::container_stop));
  const auto start = wire_members(EventType::container_start);
  const auto stop = wire_members(EventType::container_stop);
  ASSERT_EQ(start.size(), stop.size());
  for (std::size_t i = 0; i < start.size(); ++i) {
    EXPECT_EQ(start[i].name, stop[i].name);
    EXPECT_EQ(start[i].offset, stop[i].offset);
    EXPECT_EQ(start[i].kind, stop[i].kind);
  }
}

#define EXPECT_MEMBER(type, member) EXPECT_EQ(kernel.offset_of(#member), offsetof(type, member))

TEST_F(WireLayoutTest, Header) {
  const Layout kernel = layout("bongsu_header");
  EXPECT_EQ(kernel.size, sizeof(bongsu_header));
  EXPECT_EQ(kernel.offsets.size(), 9U);
  EXPECT_MEMBER(bongsu_header, size);
  EXPECT_MEMBER(bongsu_header, type);
  EXPECT_MEMBER(bongsu_header, error);
  EXPECT_MEMBER(bongsu_header, time_ns);
  EXPECT_MEMBER(bongsu_header, call);
  EXPECT_MEMBER(bongsu_header, abi);
  EXPECT_MEMBER(bongsu_header, flags);
  EXPECT_MEMBER(bongsu_header, pad);
  EXPECT_MEMBER(bongsu_header, task);
}

TEST_F(WireLayoutTest, Task) {
  const Layout kernel = layout("bongsu_task");
  EXPECT_EQ(kernel.size, sizeof(bongsu_task));
  EXPECT_EQ(kernel.offsets.size(), 18U);
  EXPECT_MEMBER(bongsu_task, start_ns);
  EXPECT_MEMBER(bongsu_task, cgroup_id);
  EXPECT_MEMBER(bongsu_task, cgroup_v1_id);
  EXPECT_MEMBER(bongsu_task, parent_start_ns);
  EXPECT_MEMBER(bongsu_task, cap_effective);
  EXPECT_MEMBER(bongsu_task, parent_pid);
  EXPECT_MEMBER(bongsu_task, pid);
  EXPECT_MEMBER(bongsu_task, tid);
  EXPECT_MEMBER(bongsu_task, euid);
  EXPECT_MEMBER(bongsu_task, egid);
  EXPECT_MEMBER(bongsu_task, uid);
  EXPECT_MEMBER(bongsu_task, gid);
  EXPECT_MEMBER(bongsu_task, tty_major);
  EXPECT_MEMBER(bongsu_task, tty_minor);
  EXPECT_MEMBER(bongsu_task, namespaces);
  EXPECT_MEMBER(bongsu_task, comm);
  EXPECT_MEMBER(bongsu_task, working_directory);
  EXPECT_MEMBER(bongsu_task, cgroup_v1_hierarchy);
}

TEST_F(WireLayoutTest, StringAndCounters) {
  Layout kernel = layout("bongsu_str");
  EXPECT_EQ(kernel.size, sizeof(bongsu_str));
  EXPECT_MEMBER(bongsu_str, off);
  EXPECT_MEMBER(bongsu_str, len);
  kernel = layout("bongsu_counters");
  EXPECT_EQ(kernel.size, sizeof(bongsu_counters));
  EXPECT_MEMBER(bongsu_counters, emitted);
  EXPECT_MEMBER(bongsu_counters, lost);
  EXPECT_MEMBER(bongsu_counters, faults);
}

TEST_F(WireLayoutTest, Settings) {
  Layout kernel = layout("bongsu_settings");
  EXPECT_EQ(kernel.size, sizeof(bongsu_settings));
  EXPECT_MEMBER(bongsu_settings, wanted);
  EXPECT_MEMBER(bongsu_settings, gated);
  EXPECT_MEMBER(bongsu_settings, gates);
  kernel = layout("bongsu_fixed");
  EXPECT_EQ(kernel.size, sizeof(bongsu_fixed));
  EXPECT_MEMBER(bongsu_fixed, interval_ns);
  EXPECT_MEMBER(bongsu_fixed, burst_ns);
  EXPECT_MEMBER(bongsu_fixed, own_pid);
  EXPECT_MEMBER(bongsu_fixed, filters);
  EXPECT_MEMBER(bongsu_fixed, uid);
  EXPECT_MEMBER(bongsu_fixed, comm);
}

TEST_F(WireLayoutTest, KeysAndValuesOfMaps) {
  Layout kernel = layout("bongsu_cgroup_key");
  EXPECT_EQ(kernel.size, sizeof(bongsu_cgroup_key));
  EXPECT_MEMBER(bongsu_cgroup_key, id);
  EXPECT_MEMBER(bongsu_cgroup_key, hierarchy);
  kernel = layout("bongsu_refusal");
  EXPECT_EQ(kernel.size, sizeof(bongsu_refusal));
  EXPECT_MEMBER(bongsu_refusal, type);
  kernel = layout("bongsu_dispatch");
  EXPECT_EQ(kernel.size, sizeof(bongsu_dispatch));
  EXPECT_MEMBER(bongsu_dispatch, program);
  EXPECT_MEMBER(bongsu_dispatch, call);
  kernel = layout("bongsu_total_key");
  EXPECT_EQ(kernel.size, sizeof(bongsu_total_key));
  EXPECT_MEMBER(bongsu_total_key, start_ns);
  EXPECT_MEMBER(bongsu_total_key, pid);
  EXPECT_MEMBER(bongsu_total_key, type);
  kernel = layout("bongsu_total");
  EXPECT_EQ(kernel.size, sizeof(bongsu_total));
  EXPECT_MEMBER(bongsu_total, calls);
  EXPECT_MEMBER(bongsu_total, bytes);
  EXPECT_MEMBER(bongsu_total, errors);
  EXPECT_MEMBER(bongsu_total, comm);
}

// Each hook of the table is a program in the object, attached where the table says.
TEST_F(WireLayoutTest, EveryHookIsAProgramOfTheObject) {
  ASSERT_NE(skeleton_, nullptr);
  for (const HookInfo& hook : hooks()) {
    const bpf_program* program = bpf_object__find_program_by_name(skeleton_->obj, std::string(hook.program).c_str());
    ASSERT_NE(program, nullptr) << hook.program;
    // One program for the return of every call and for that of single functions.
    const std::string_view section = hook.attach == kFunctionReturns ? kEveryReturn : hook.attach;
    EXPECT_EQ(bpf_program__section_name(program), section);
  }
}

}  // namespace
}  // namespace bongsu::test
