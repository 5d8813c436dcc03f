// SPDX-License-Identifier: Apache-2.0
//
// What a recording is not to hold: texts of named fields are overwritten before they are written, byte by byte, so that
// nothing else of the record moves.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/catalogue.h"

namespace bongsu {

class Mask {
 public:
  Mask() = default;
  // By field names. A field that is made of others stands for those: process.command_line for process.args. Fails for a
  // name that is no field, and for a field that is no text of a record.
  [[nodiscard]] static Result<Mask> of(std::span<const std::string> names);

  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  // `record` is a whole one: Record::decode() took it.
  void apply(std::span<std::byte> record) const;
  // Arguments that /proc told.
  void apply_to_arguments(std::string& arguments) const;

 private:
  void add(FieldId field);

  std::vector<std::string> names_;
  std::bitset<kFieldCount> fields_;
};

}  // namespace bongsu
