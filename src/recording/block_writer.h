// SPDX-License-Identifier: Apache-2.0
//
// The slow half of a recording: a thread that compresses blocks of frames and writes them, so that neither zstd nor a
// disk holds up the one who judges. What it cannot keep up with is refused. Owns the file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

class BlockWriter {
 public:
  static constexpr std::size_t kMaxWaiting = 32;  // blocks
  static constexpr std::size_t kMaxBlockBytes = std::size_t{256} * 1024;

  struct Options {
    std::string name;            // of the file, for messages
    std::int64_t max_bytes = 0;  // of the file, what is in it already included
    std::string at_limit;        // written where the file ends because it is as large as it may be
  };
  // `file` stands behind the `written` bytes that it has.
  [[nodiscard]] static Result<std::unique_ptr<BlockWriter>> start(UniqueFd file, std::int64_t written, Options options);
  ~BlockWriter();
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;

  // Takes the block and leaves an empty one. False, with the block as it was, when too many are waiting. With `flush`
  // all there is up to here can be read from the file once it is written.
  [[nodiscard]] bool push(std::string& block, bool flush);

  // Why it writes no more, before it was finished; once it is set it stays.
  [[nodiscard]] std::optional<Error> failure() const;
  [[nodiscard]] std::int64_t file_bytes() const;

  // Writes what waits and `last`, and ends the file. False when the disk did not take it in time: then it is left
  // alone.
  bool finish(std::string last, std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  explicit BlockWriter(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace bongsu
