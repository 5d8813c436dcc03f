// SPDX-License-Identifier: Apache-2.0
//
// Fields that no wire member holds but that follow from the record alone: the outcome of a call, the last part of a
// path, what a DNS message says.
#pragma once

#include <cstdint>
#include <string_view>

#include "events/record.h"

namespace bongsu {

// Kind none when the record does not tell the field. It borrows the record, or memory that stays until the next value
// is asked for on this thread.
[[nodiscard]] Value derived_value(const Record& record, FieldId id);

// The other process of a record that has one (row TARGET), else null.
[[nodiscard]] const bongsu_target* target_of(const Record& record);

// What error.code and syscall.abi are called: `unknown` for an error without a name, empty for none.
[[nodiscard]] std::string_view error_name(std::uint16_t error);
[[nodiscard]] std::string_view abi_name(std::uint8_t abi);

}  // namespace bongsu
