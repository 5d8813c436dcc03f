// SPDX-License-Identifier: Apache-2.0
#include "identity/json_walk.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

namespace bongsu {
namespace {

constexpr std::size_t kMaxDepth = 64;

}  // namespace

bool JsonPath::starts_with(std::initializer_list<std::string_view> keys) const {
  if (size_ < keys.size()) {
    return false;
  }
  return std::equal(keys.begin(), keys.end(), steps_.begin(), [](std::string_view key, const Step& step) {
    return key.data() == nullptr ? step.item : !step.item && step.key == key;
  });
}

// nlohmann's events; all of them return whether to go on.
class JsonWalker final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonWalker(JsonVisitor& visitor) : visitor_(visitor) { path_.steps_.resize(kMaxDepth); }

  bool null() override { return tell({}); }
  bool boolean(bool value) override { return tell({JsonScalar::Kind::boolean, value, {}}); }
  bool number_integer(std::int64_t /*value*/) override { return tell({JsonScalar::Kind::number, false, {}}); }
  bool number_unsigned(std::uint64_t /*value*/) override { return tell({JsonScalar::Kind::number, false, {}}); }
  bool number_float(double /*value*/, const std::string& /*token*/) override {
    return tell({JsonScalar::Kind::number, false, {}});
  }
  bool string(std::string& value) override { return tell({JsonScalar::Kind::string, false, value}); }
  bool binary(nlohmann::json::binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return open(false); }
  bool key(std::string& value) override {
    path_.steps_[path_.size_ - 1].key.swap(value);
    return true;
  }
  bool end_object() override {
    --path_.size_;
    visitor_.on_object_end(path_);
    return true;
  }
  bool start_array(std::size_t /*elements*/) override { return open(true); }
  bool end_array() override {
    --path_.size_;
    return true;
  }
  bool parse_error(std::size_t /*bytes_read*/, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& /*exception*/) override {
    return false;
  }

 private:
  bool tell(const JsonScalar& value) {
    visitor_.on_value(path_, value);
    return true;
  }
  bool open(bool array) {
    if (path_.size_ == kMaxDepth) {
      return false;
    }
    path_.steps_[path_.size_++].item = array;
    return true;
  }

  JsonVisitor& visitor_;
  JsonPath path_;
};

bool walk_json(std::string_view text, JsonVisitor& visitor) {
  JsonWalker walker(visitor);
  try {
    return nlohmann::json::sax_parse(text.begin(), text.end(), &walker);
  } catch (const std::exception&) {  // the library's edge; it promises not to throw here
    return false;
  }
}

}  // namespace bongsu
