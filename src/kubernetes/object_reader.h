// SPDX-License-Identifier: Apache-2.0
//
// Reads the API's JSON without building a tree: nlohmann's events go through a table of the few members that are
// wanted. Takes a list (its items come out one by one), an event of a watch, a Status, or one object. Borrows
// everything it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kubernetes/api_object.h"
#include "kubernetes/key_filter.h"

namespace bongsu {

class ObjectReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  using TakeItem = std::function<void(ApiObject&)>;  // which may move out of it

  ObjectReader(const KeptKeys& keep, ApiObjectCounters& counters, TakeItem take)
      : keep_(keep), counters_(counters), take_(std::move(take)) {}

  // After the library accepted the text.
  [[nodiscard]] const ApiObject& top() const { return top_; }
  [[nodiscard]] const std::string& type() const { return type_; }  // of an event
  [[nodiscard]] bool has_items() const { return has_items_; }

  bool null() override;
  bool boolean(bool value) override;
  bool number_integer(std::int64_t value) override;
  bool number_unsigned(std::uint64_t value) override;
  bool number_float(double value, const std::string& token) override;
  bool string(std::string& value) override;
  bool binary(nlohmann::json::binary_t& value) override;
  bool start_object(std::size_t elements) override;
  bool key(std::string& value) override;
  bool end_object() override;
  bool start_array(std::size_t elements) override;
  bool end_array() override;
  bool parse_error(std::size_t bytes_read, const std::string& last_token,
                   const nlohmann::detail::exception& exception) override;

  // What stands somewhere in the text, or may stand where the next value comes.
  enum class Place : std::uint8_t {
    skipped,
    // objects
    top,
    object,
    metadata,
    labels,
    annotations,
    owner,
    details,
    cause,
    // arrays
    items,
    owners,
    causes,
    // what is neither
    type,
    kind,
    code,
    reason,
    message,
    name,
    namespace_name,
    uid,
    version,
    continuation,
    created,
    label,
    annotation,
    owner_kind,
    owner_name,
    owner_controller,
    retry_after,
    cause_reason
  };

 private:
  void take_string(std::string& value);
  void take_label(const std::string& value);
  void take_annotation(const std::string& value);
  void add(PodFacts::Map& map, const KeyFilter& filter, const std::string& value, std::size_t most_bytes);
  void keep(std::string& where, std::string& value, std::size_t most_bytes);
  void integer(std::int64_t value);
  [[nodiscard]] bool open(bool array);
  [[nodiscard]] Place take_place();
  void wrong() { current_->malformed = true; }

  const KeptKeys& keep_;
  ApiObjectCounters& counters_;
  const TakeItem take_;
  ApiObject top_;
  ApiObject item_;  // the element of a list that is being read
  ApiObject* current_ = &top_;
  std::string type_;
  bool has_items_ = false;

  std::vector<Place> open_;  // objects and arrays not yet closed
  Place next_ = Place::top;  // of the next value, unless an array says it
  std::string key_;          // of a label or an annotation
  struct Owner {
    std::string kind;
    std::string name;
    bool controller = false;
  } owner_;
};

}  // namespace bongsu
