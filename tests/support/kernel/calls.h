// SPDX-License-Identifier: Apache-2.0
//
// Tests of events that come of system calls: the trigger `calls` makes the calls one by one, and a record is compared
// field by field with what is expected of it, so that a field too many fails as one too few does.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {

// What tests/kernel/triggers/calls.c takes.
template <typename Number>
  requires std::integral<Number> || std::is_enum_v<Number>
[[nodiscard]] std::string num(Number number) {
  return "n" + std::to_string(static_cast<std::int64_t>(number));
}
[[nodiscard]] std::string text(std::string_view text);
[[nodiscard]] std::string result_of(int step);  // from 0
[[nodiscard]] std::string words(const std::vector<std::uint64_t>& words);
[[nodiscard]] std::string buffer(std::size_t bytes);
[[nodiscard]] std::string vector_of(std::size_t bytes);
[[nodiscard]] std::string bytes(std::string_view bytes);
[[nodiscard]] std::string list32(const std::vector<std::string>& words);  // each num() or result_of()
[[nodiscard]] std::string list64(const std::vector<std::string>& words);
[[nodiscard]] std::string at(const std::string& argument);  // a step: where the argument lies
[[nodiscard]] std::string call(std::int64_t number, std::initializer_list<std::string> arguments);
[[nodiscard]] std::string call32(std::int64_t number, std::initializer_list<std::string> arguments);  // int $0x80

// The event's own fields by name, and their values as text: lists with blanks between, what is absent left out.
using Fields = std::map<std::string, std::string>;
[[nodiscard]] Fields told(const Record& record);

#if defined(__aarch64__)
inline constexpr std::string_view kNativeAbi = "aarch64";
#else
inline constexpr std::string_view kNativeAbi = "x86_64";
#endif
// What a record of a call is expected to tell: these fields, and what all calls tell.
[[nodiscard]] Fields succeeded(std::string_view call, Fields fields, std::string_view abi = kNativeAbi);
[[nodiscard]] Fields failed(std::string_view call, std::string_view error, Fields fields,
                            std::string_view abi = kNativeAbi);
[[nodiscard]] Fields untrusted(Fields fields);

class CallsTest : public KernelTest {
 protected:
  // Opens the sensor, makes the calls in a child, and reads their results. The child lives until finish().
  void run(std::initializer_list<EventType> events, std::vector<std::string> steps,
           std::function<void()> before_exec = nullptr, const std::string& program = {},
           SensorOptions options = SensorOptions());
  [[nodiscard]] std::int64_t result(std::size_t step) const { return results_.at(step); }
  // Polls until there is the n-th (from 1) of the calls' own records: not of what came before the trigger. Null, and
  // the test has failed, when none comes.
  [[nodiscard]] const Record* record(EventType type, std::size_t nth = 1);
  [[nodiscard]] Fields told_of(EventType type, std::size_t nth = 1);
  // Ends the child and reads all that was told: how many of them. Nothing is told after that.
  [[nodiscard]] std::size_t count(EventType type);
  [[nodiscard]] Child& child() { return *child_; }
  // What the child's descriptor stands for, as /proc has it.
  [[nodiscard]] std::string descriptor(std::int64_t fd) const;

  [[nodiscard]] const std::string& folder() const { return directory_.path(); }
  [[nodiscard]] std::string in(std::string_view name) const { return folder() + "/" + std::string(name); }
  // Makes a file in the folder; its path.
  [[nodiscard]] std::string make_file(std::string_view name, std::string_view content = "content") const;
  TemporaryDirectory& directory() { return directory_; }

 private:
  [[nodiscard]] std::vector<const Record*> own(EventType type) const;

  TemporaryDirectory directory_;
  std::unique_ptr<Child> child_;
  std::vector<std::int64_t> results_;
};

// In a child, before its exec: mounts of its own, that no one else sees.
void own_mounts();

}  // namespace bongsu::test
