// SPDX-License-Identifier: Apache-2.0
//
// The literal text in a pattern: what every text that it matches holds, and where. A pattern with alternatives has
// several ways through it, and a text that it matches holds the elements of at least one, one behind the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace bongsu {

// Elements of a way that are no bytes.
inline constexpr int kGap = -1;    // anything, or nothing
inline constexpr int kStart = -2;  // here a path's component begins: behind a '/', or where the text does
inline constexpr int kTextBegin = -3;
inline constexpr int kTextEnd = -4;

using TextWay = std::vector<int>;

// Each of `heads` with each of `tails` behind it; with a gap instead of those where that would be more than `most`.
[[nodiscard]] std::vector<TextWay> joined(const std::vector<TextWay>& heads, const std::vector<TextWay>& tails,
                                          std::size_t most);

// Of a pattern that Glob::compile takes, which is about the whole text: begin and end are not among the elements.
[[nodiscard]] std::vector<TextWay> glob_ways(std::string_view pattern, std::size_t most);

// Of a pattern that RE2 takes, which may match anywhere in the text. None for what is not understood here.
[[nodiscard]] std::optional<std::vector<TextWay>> regex_ways(std::string_view pattern, std::size_t most);

}  // namespace bongsu
