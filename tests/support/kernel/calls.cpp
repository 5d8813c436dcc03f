// SPDX-License-Identifier: Apache-2.0
#include "support/kernel/calls.h"

#include <sched.h>
#include <sys/mount.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

namespace bongsu::test {
namespace {

constexpr char kSeparator = '\1';

std::string step(std::string_view way, std::int64_t number, std::initializer_list<std::string> arguments) {
  std::string step = std::string(way) + kSeparator + std::to_string(number);
  for (const std::string& argument : arguments) {
    step += kSeparator + argument;
  }
  return step;
}

std::string joined(char kind, const std::vector<std::string>& words) {
  std::string list(1, kind);
  for (const std::string& word : words) {
    list += (list.size() == 1 ? "" : ",") + word;
  }
  return list;
}

std::string as_text(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::none:
      return "";
    case Value::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case Value::Kind::integer:
    case Value::Kind::date:
      return std::to_string(value.integer());
    case Value::Kind::string:
      return std::string(value.string());
    case Value::Kind::string_list: {
      std::string all;
      (void)value.list().any([&](std::string_view item) {
        all.append(all.empty() ? "" : " ").append(item);
        return false;
      });
      return all;
    }
    case Value::Kind::string_map:
      break;  // no record has one
  }
  return "";
}

}  // namespace

std::string text(std::string_view text) { return "s" + std::string(text); }
std::string result_of(int step) { return "r" + std::to_string(step); }
std::string buffer(std::size_t bytes) { return "b" + std::to_string(bytes); }
std::string vector_of(std::size_t bytes) { return "v" + std::to_string(bytes); }

std::string words(const std::vector<std::uint64_t>& words) {
  std::string hex = "x";
  for (std::uint64_t word : words) {
    for (std::size_t i = 0; i < sizeof(word); ++i, word >>= 8) {  // little-endian, as all machines here
      std::array<char, 3> byte{};
      std::snprintf(byte.data(), byte.size(), "%02x", static_cast<unsigned>(word & 0xff));
      hex += byte.data();
    }
  }
  return hex;
}

std::string bytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex = "x";
  for (const char byte : bytes) {
    hex += kDigits[static_cast<std::uint8_t>(byte) >> 4U];
    hex += kDigits[static_cast<std::uint8_t>(byte) & 0xfU];
  }
  return hex;
}
std::string list32(const std::vector<std::string>& words) { return joined('w', words); }
std::string list64(const std::vector<std::string>& words) { return joined('q', words); }
std::string at(const std::string& argument) { return std::string("at") + kSeparator + argument; }

std::string call(std::int64_t number, std::initializer_list<std::string> arguments) {
  return step("64", number, arguments);
}
std::string call32(std::int64_t number, std::initializer_list<std::string> arguments) {
  return step("32", number, arguments);
}

Fields told(const Record& record) {
  Fields all;
  for (const FieldInfo& field : fields()) {
    if (field.scope == Scope::event && has_field(record.type(), field.id)) {
      if (const Value value = record.value(field.id); value.has_value()) {
        all.emplace(field.name, as_text(value));
      }
    }
  }
  return all;
}

Fields succeeded(std::string_view call, Fields fields, std::string_view abi) {
  fields.emplace("event.outcome", "success");
  fields.emplace("syscall.name", call);
  fields.emplace("syscall.abi", abi);
  return fields;
}

Fields failed(std::string_view call, std::string_view error, Fields fields, std::string_view abi) {
  fields.emplace("event.outcome", "failure");
  fields.emplace("error.code", error);
  fields.emplace("syscall.name", call);
  fields.emplace("syscall.abi", abi);
  return fields;
}

Fields untrusted(Fields fields) {
  fields.emplace("event.untrusted_argument", "true");
  return fields;
}

void CallsTest::run(std::initializer_list<EventType> events, std::vector<std::string> steps,
                    std::function<void()> before_exec, const std::string& program, SensorOptions options) {
  const std::size_t count = steps.size();
  open(events, std::move(options));
  steps.insert(steps.begin(), "calls");
  child_ = std::make_unique<Child>(ChildOptions{.args = std::move(steps),
                                                .program = program.empty() ? trigger("calls") : program,
                                                .before_exec = std::move(before_exec)});
  for (std::size_t i = 0; i < count; ++i) {
    const std::string line = child_->line();
    ASSERT_FALSE(line.empty()) << "the trigger ended before step " << i;
    results_.push_back(std::stoll(line));
  }
}

std::vector<const Record*> CallsTest::own(EventType type) const {
  std::vector<const Record*> found = all(type, child_->pid());
  std::erase_if(found, [](const Record* record) { return comm_of(*record) != "calls"; });
  return found;
}

const Record* CallsTest::record(EventType type, std::size_t nth) {
  if (!poll_until([&] { return own(type).size() >= nth; })) {
    ADD_FAILURE() << "no " << info(type).name << " number " << nth;
    return nullptr;
  }
  return own(type)[nth - 1];
}

Fields CallsTest::told_of(EventType type, std::size_t nth) {
  const Record* found = record(type, nth);
  return found == nullptr ? Fields{} : told(*found);
}

std::size_t CallsTest::count(EventType type) {
  const std::uint32_t pid = child_->pid();
  EXPECT_EQ(child_->finish(), 0);
  EXPECT_TRUE(poll_until([&] { return !all(EventType::exit, pid).empty(); }));
  sensor().detach();
  sensor().drain(keeper());  // the exit's ring may have been read before the other one
  std::vector<const Record*> found = all(type, pid);
  std::erase_if(found, [](const Record* record) { return comm_of(*record) != "calls"; });
  return found.size();
}

std::string CallsTest::descriptor(std::int64_t fd) const {
  return std::filesystem::read_symlink("/proc/" + std::to_string(child_->pid()) + "/fd/" + std::to_string(fd));
}

std::string CallsTest::make_file(std::string_view name, std::string_view content) const {
  const std::string path = in(name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

void own_mounts() {
  must(::unshare(CLONE_NEWNS) == 0, "unshare");
  must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
}

}  // namespace bongsu::test
