// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the frames of a recording, which a recording's head and zstd are put around: the header, then records,
// answers and agent events go through identity. Nothing may crash, read outside, hang or grow.
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/packing.h"
#include "base/unique_fd.h"
#include "events/event_json.h"
#include "recording/format.h"
#include "recording/replay.h"

namespace {

std::string recording_of(const std::uint8_t* data, std::size_t size) {
  using bongsu::Packer;
  const std::string header = bongsu::header_json({.program = "fuzz",
                                                  .layout = bongsu::recording_layout(),
                                                  .host_name = "h",
                                                  .boot_id = "b",
                                                  .scope = {},
                                                  .masked = {}});
  std::string frames;
  Packer(frames)
      .number(static_cast<std::uint32_t>(header.size()))
      .number(static_cast<std::uint32_t>(bongsu::FrameKind::header));
  frames += header;
  frames.append(reinterpret_cast<const char*>(data), size);
  std::vector<char> packed(ZSTD_compressBound(frames.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), frames.data(), frames.size(), 1));
  std::string file(bongsu::kRecordingMagic);
  Packer(file).number(bongsu::kRecordingVersion);
  return file.append(packed.data(), packed.size());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = recording_of(data, size);
  const bongsu::UniqueFd memory(::memfd_create("recording", MFD_CLOEXEC));
  if (!memory || ::write(memory.get(), file.data(), file.size()) != static_cast<ssize_t>(file.size())) {
    std::abort();
  }
  const auto done =
      bongsu::replay_events("/proc/self/fd/" + std::to_string(memory.get()), [](const bongsu::EventView& event) {
        std::string line;
        bongsu::append_event_json(line, event);
        if (line.find('\n') != std::string::npos) {
          std::abort();
        }
      });
  if (!done || done->events > size) {
    std::abort();
  }
  return 0;
}
