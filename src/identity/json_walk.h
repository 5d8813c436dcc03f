// SPDX-License-Identifier: Apache-2.0
//
// A JSON text walked through value by value, for large files of which little is wanted: no tree is built. nlohmann's
// parser does the reading, without recursion; this keeps the path to where it is and bounds the depth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

// What stands for an item of an array in a path.
inline constexpr std::string_view kJsonItem{};

// The keys that lead from the root to a value.
class JsonPath {
 public:
  [[nodiscard]] bool is(std::initializer_list<std::string_view> keys) const {
    return size_ == keys.size() && starts_with(keys);
  }
  [[nodiscard]] bool starts_with(std::initializer_list<std::string_view> keys) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::string& last() const { return steps_[size_ - 1].key; }  // of a path that is not empty

 private:
  friend class JsonWalker;
  struct Step {
    bool item = false;  // of an array: the key is none
    std::string key;
  };
  std::vector<Step> steps_;  // those beyond size_ keep their memory
  std::size_t size_ = 0;
};

struct JsonScalar {
  enum class Kind : std::uint8_t { null, boolean, number, string };
  Kind kind = Kind::null;
  bool boolean = false;
  std::string_view string;  // kind string; good during the call
};

class JsonVisitor {
 public:
  virtual ~JsonVisitor() = default;
  virtual void on_value(const JsonPath& path, const JsonScalar& value) = 0;
  // The object at `path` ended.
  virtual void on_object_end(const JsonPath& /*path*/) {}
};

// False when it is no JSON, or nested deeper than any file of the kind; what came before that has been told.
[[nodiscard]] bool walk_json(std::string_view text, JsonVisitor& visitor);

}  // namespace bongsu
