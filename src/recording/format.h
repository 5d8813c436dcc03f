// SPDX-License-Identifier: Apache-2.0
//
// What a recording looks like: eight bytes that name it, the format's version, then zstd (RFC 8878): frames one after
// another, each its size, its kind and its bytes. The first is the header. Numbers are little-endian, as in the records
// themselves. docs/recording.md describes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bongsu {

// As PNG's: a byte that is no text, and a line end that a transfer as text would change.
inline constexpr std::string_view kRecordingMagic{
    "\x89"
    "BONGSU\n",
    8};
inline constexpr std::uint32_t kRecordingVersion = 2;

// The largest record is 32 KiB; an answer of /proc or an agent event is smaller still.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{64} * 1024;

// NOLINTNEXTLINE(performance-enum-size): the width in the file
enum class FrameKind : std::uint32_t {
  header = 1,  // RecordingHeader as JSON; only the first
  record,      // a record, as the kernel side made it
  cgroup,      // what the host answered when identity asked, before the record that made it ask
  arguments,
  exists,
  offset,     // the wall clock was set
  lookup,     // the run asked whose cgroup that is, and so may have taught its tables
  agent,      // an agent event that was judged
  tick,       // what is due by time was done
  flush,      // all that was held back was told
  reload,     // the rules were read anew
  gap,        // so many frames could not be kept
  end,        // why there is no more
  container,  // the bundle's answer when identity asked
  pod         // the API server told
};

struct FrameHead {
  std::uint32_t size;  // of the bytes that follow
  FrameKind kind;
};

// NOLINTNEXTLINE(performance-enum-size): the width in the file
enum class RecordingEnd : std::uint32_t { finished = 1, limit };

// What is the same for the whole recording.
struct RecordingHeader {
  std::string program;  // the version of Bongsu that made it
  std::string layout;   // recording_layout() of that program
  std::string host_name;
  std::string boot_id;
  std::string node_name = {};           // in the cluster; empty: none
  bool pods_expected = false;           // the API server was asked for the node's pods
  std::int64_t wall_minus_boot_ns = 0;  // at the start
  std::int64_t begun_ns = 0;            // when that was, since the Unix epoch
  std::string scope;                    // whose events were judged: all, containers, host; empty: none were
  std::vector<std::string> masked;      // fields
};

[[nodiscard]] std::string header_json(const RecordingHeader& header);
[[nodiscard]] Result<RecordingHeader> parse_header(std::string_view json);

// Names the shape of the records and of the event table: only a program with the same one can read them.
[[nodiscard]] const std::string& recording_layout();

}  // namespace bongsu
