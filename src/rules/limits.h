// SPDX-License-Identifier: Apache-2.0
//
// What a set of rules may cost: whoever writes rules must not be able to exhaust the monitor. Each bound is refused
// with a line that names it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bongsu {

inline constexpr std::int64_t kEngineVersion = 1;  // of the rule language: `requires.engine`

inline constexpr std::size_t kMaxRuleFileBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxAllRuleBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxRuleFiles = 1'000;
inline constexpr std::size_t kMaxRules = 10'000;      // in one file, and in all of them
inline constexpr std::size_t kMaxFolderDepth = 16;    // directories below a rules path
inline constexpr std::size_t kMaxMatchDepth = 32;     // all/any/not inside one another
inline constexpr std::size_t kMaxListItems = 65'536;  // of one list, the lists in it included
inline constexpr std::size_t kMaxAllListItems = 1'048'576;
inline constexpr std::int64_t kMaxWindowNs = 86'400'000'000'000;  // of count, sequence and throttle: 24 h
inline constexpr std::int64_t kMaxCount = 1'000;                  // count's at_least: what one window remembers
inline constexpr std::int64_t kMaxThrottle = 1'000;               // alerts of a throttle's window
inline constexpr std::size_t kMaxSequenceSteps = 8;
inline constexpr std::size_t kMaxKeyFields = 8;            // in a `by`
inline constexpr std::size_t kMaxTestEvents = 10'000;      // of one inline test
inline constexpr std::size_t kMaxRegexBytes = 256U << 10;  // program and automaton of one regex
inline constexpr int kMaxRegexProgram =
    1'000;  // RE2 instructions: so that the automaton's first states fit beside them
inline constexpr std::size_t kMaxRegexSetBytes = std::size_t{16} << 20;    // of several regexes, asked as one
inline constexpr std::size_t kMaxRegexSetsBytes = std::size_t{128} << 20;  // all of those together
inline constexpr std::size_t kMaxGlobStates = 1'024;                       // of one glob: about one a byte
inline constexpr std::size_t kMaxRuleMatchBytes = std::size_t{128} << 20;  // operands and conditions of one rule
inline constexpr std::size_t kMaxMatchBytes = std::size_t{512} << 20;      // all operands of all rules, compiled

}  // namespace bongsu
