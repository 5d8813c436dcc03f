// SPDX-License-Identifier: Apache-2.0
//
// Builds records byte by byte as the kernel side does. A Record borrows its builder.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/record.h"

namespace bongsu::test {

inline constexpr std::uint64_t kSecond = 1'000'000'000;

// A process by what identifies it.
struct Who {
  std::uint32_t pid = 0;
  std::uint64_t start_ns = 0;
};

class RecordBuilder {
 public:
  static RecordBuilder exec(Who who) { return {BONGSU_EVENT_exec, sizeof(bongsu_exec), who}; }
  static RecordBuilder snapshot(Who who) {
    RecordBuilder builder = exec(who);
    builder.header().flags = BONGSU_SNAPSHOT;
    return builder;
  }
  static RecordBuilder fork(Who child, Who creator) {
    RecordBuilder builder(BONGSU_EVENT_fork, sizeof(bongsu_fork), child);
    auto& fork = builder.as<bongsu_fork>();
    fork.creator_pid = creator.pid;
    fork.creator_start_ns = creator.start_ns;
    builder.parent(creator);
    return builder.at(child.start_ns);
  }
  static RecordBuilder exit(Who who) { return {BONGSU_EVENT_exit, sizeof(bongsu_exit), who}; }
  static RecordBuilder open(Who who, std::string_view path) {
    RecordBuilder builder(BONGSU_EVENT_open, sizeof(bongsu_open), who);
    builder.string(builder.as<bongsu_open>().path, path);
    return builder;
  }
  static RecordBuilder connect(Who who, std::array<std::uint8_t, 4> destination, std::uint16_t port) {
    RecordBuilder builder(BONGSU_EVENT_connect, sizeof(bongsu_connect), who);
    auto& connect = builder.as<bongsu_connect>();
    connect.family = AF_INET;
    connect.type = SOCK_STREAM;
    connect.destination.family = AF_INET;
    std::ranges::copy(destination, std::begin(connect.destination.bytes));
    connect.destination_port = port;
    return builder;
  }
  static RecordBuilder rename(Who who, std::string_view previous) {
    RecordBuilder builder(BONGSU_EVENT_rename_comm, sizeof(bongsu_rename_comm), who);
    builder.string(builder.as<bongsu_rename_comm>().previous, previous);
    return builder;
  }
  static RecordBuilder cgroup_made(Who who, std::uint32_t hierarchy, std::uint64_t id, std::string_view path) {
    return cgroup<bongsu_container_start>(BONGSU_EVENT_container_start, who, hierarchy, id, path);
  }
  static RecordBuilder cgroup_removed(Who who, std::uint32_t hierarchy, std::uint64_t id, std::string_view path) {
    return cgroup<bongsu_container_stop>(BONGSU_EVENT_container_stop, who, hierarchy, id, path);
  }
  // `who` is the one that is moved: its task is in the new cgroup already.
  static RecordBuilder cgroup_moved(Who who, std::uint32_t hierarchy, std::uint64_t id, std::string_view path) {
    return cgroup<bongsu_cgroup_move>(BONGSU_EVENT_cgroup_move, who, hierarchy, id, path);
  }
  static RecordBuilder cgroup_renamed(Who who, std::uint32_t hierarchy, std::uint64_t id, std::string_view path) {
    return cgroup<bongsu_cgroup_rename>(BONGSU_EVENT_cgroup_rename, who, hierarchy, id, path);
  }

  RecordBuilder& at(std::uint64_t time_ns) {
    header().time_ns = time_ns;
    return *this;
  }
  RecordBuilder& parent(Who who) {
    task().parent_pid = who.pid;
    task().parent_start_ns = who.start_ns;
    return *this;
  }
  RecordBuilder& thread(std::uint32_t tid) {
    task().tid = tid;
    return *this;
  }
  RecordBuilder& comm(std::string_view text) {
    std::memset(task().comm, 0, sizeof(task().comm));
    std::memcpy(task().comm, text.data(), std::min(text.size(), sizeof(task().comm)));
    return *this;
  }
  RecordBuilder& cgroup_v2(std::uint64_t id) {
    task().cgroup_id = id;
    return *this;
  }
  RecordBuilder& cgroup_v1(std::uint32_t hierarchy, std::uint64_t id) {
    task().cgroup_v1_hierarchy = hierarchy;
    task().cgroup_v1_id = id;
    return *this;
  }
  RecordBuilder& namespaces(std::uint32_t inode) {
    std::fill(std::begin(task().namespaces), std::end(task().namespaces), inode);
    return *this;
  }
  RecordBuilder& name_space(bongsu_namespace which, std::uint32_t inode) {
    task().namespaces[which] = inode;
    return *this;
  }
  RecordBuilder& directory(std::string_view path) {
    string(task().working_directory, path);
    return *this;
  }
  // exec only
  RecordBuilder& program(std::string_view executable, std::string_view requested = {}) {
    string(as<bongsu_exec>().executable, executable);
    string(as<bongsu_exec>().requested, requested);
    return *this;
  }
  RecordBuilder& args(std::initializer_list<std::string_view> arguments) {
    std::string blob;
    for (const std::string_view argument : arguments) {
      blob.append(argument).push_back('\0');
    }
    as<bongsu_exec>().args_count = static_cast<std::uint32_t>(arguments.size());
    return blob_args(blob);
  }
  RecordBuilder& blob_args(std::string_view blob) {
    as<bongsu_exec>().args_bytes = static_cast<std::uint32_t>(blob.size());
    string(as<bongsu_exec>().args, blob);
    return *this;
  }
  RecordBuilder& flags(std::uint32_t flags) {
    as<bongsu_exec>().flags = flags;
    return *this;
  }

  bongsu_task& task() { return header().task; }
  bongsu_header& header() { return as<bongsu_header>(); }
  template <typename Wire>
  Wire& as() {
    return *reinterpret_cast<Wire*>(memory_.data());
  }
  [[nodiscard]] Record record() const {
    const std::optional<Record> decoded = Record::decode(std::as_bytes(std::span(memory_)).first(used_));
    EXPECT_TRUE(decoded.has_value()) << "the builder made no record";
    return decoded.value();
  }

 private:
  RecordBuilder(bongsu_event_type type, std::size_t fixed, Who who) : memory_(BONGSU_RECORD_BYTES / 8), used_(fixed) {
    header().type = static_cast<std::uint16_t>(type);
    header().size = static_cast<std::uint32_t>(fixed);
    task().pid = who.pid;
    task().tid = who.pid;
    task().start_ns = who.start_ns;
    at(who.start_ns + 1);
  }
  template <typename Wire>
  static RecordBuilder cgroup(bongsu_event_type type, Who who, std::uint32_t hierarchy, std::uint64_t id,
                              std::string_view path) {
    RecordBuilder builder(type, sizeof(Wire), who);
    auto& wire = builder.as<Wire>();
    wire.subject_cgroup_id = id;
    wire.hierarchy = hierarchy;
    builder.string(wire.path, path);
    return builder;
  }
  void string(bongsu_str& reference, std::string_view text) {
    if (text.empty()) {
      return;
    }
    std::memcpy(reinterpret_cast<char*>(memory_.data()) + used_, text.data(), text.size());
    reference = {static_cast<std::uint16_t>(used_), static_cast<std::uint16_t>(text.size())};
    used_ += text.size();
    header().size = static_cast<std::uint32_t>(used_);
  }

  std::vector<std::uint64_t> memory_;
  std::size_t used_;
};

// The strings of a list value; empty for none.
inline std::vector<std::string> strings(const Value& value) {
  std::vector<std::string> all;
  if (value.kind() == Value::Kind::string_list) {
    (void)value.list().any([&](std::string_view item) {
      all.emplace_back(item);
      return false;
    });
  }
  return all;
}

// A string value; "(none)" for none.
inline std::string text(const Value& value) {
  return value.kind() == Value::Kind::string ? std::string(value.string()) : "(none)";
}

}  // namespace bongsu::test
