// SPDX-License-Identifier: Apache-2.0
//
// A recording, frame by frame. Trusts nothing in the file: whatever the bytes, it ends with a word why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "recording/format.h"

struct ZSTD_DCtx_s;

namespace bongsu {

struct Frame {
  FrameKind kind = FrameKind::end;
  std::span<const std::byte> bytes;  // 8-byte aligned, good until the next frame is read
};

class RecordingReader {
 public:
  // Fails for what is no recording, and for one that another version made in another layout.
  [[nodiscard]] static Result<std::unique_ptr<RecordingReader>> open(const std::filesystem::path& path);
  ~RecordingReader();
  RecordingReader(const RecordingReader&) = delete;
  RecordingReader& operator=(const RecordingReader&) = delete;

  [[nodiscard]] const RecordingHeader& header() const { return header_; }

  // Nothing at the end, whichever it is; ending() says which.
  [[nodiscard]] std::optional<Frame> next();
  enum class Ending : std::uint8_t { none, recorded, cut, damaged };
  [[nodiscard]] Ending ending() const { return ending_; }
  [[nodiscard]] const std::string& damage() const { return damage_; }
  // A frame was read, but what it holds makes no sense: nothing more is read.
  void refuse(std::string why);

  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }  // read so far
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }            // of frames

 private:
  explicit RecordingReader(UniqueFd file);
  Status read_header(const std::string& name);
  std::optional<Frame> read_frame();
  void read_to_the_end();
  bool take(std::span<std::byte> out);
  bool refill();
  bool read_file();
  std::nullopt_t end(Ending ending, std::string why = {});

  struct FreeContext {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  UniqueFd file_;
  std::unique_ptr<ZSTD_DCtx_s, FreeContext> zstd_;
  std::vector<std::byte> packed_;  // of the file
  std::size_t packed_at_ = 0;
  std::size_t packed_size_ = 0;
  std::vector<std::byte> plain_;  // decompressed
  std::size_t plain_at_ = 0;
  std::size_t plain_size_ = 0;
  bool zstd_done_ = false;  // what was read last ended a zstd frame, and its checksum was right
  std::vector<std::uint64_t> payload_;
  RecordingHeader header_;
  Ending ending_ = Ending::none;
  std::string damage_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace bongsu
