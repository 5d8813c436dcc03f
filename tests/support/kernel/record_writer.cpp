// SPDX-License-Identifier: Apache-2.0
#include "support/kernel/record_writer.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace bongsu::test {
namespace {

static_assert(offsetof(bongsu_header, size) == 0 && offsetof(bongsu_header, time_ns) == 8, "the two words of write()");
static_assert(RecordWriter::kRecordBytes % 8 == 0);
constexpr auto kRecordOffset =
    static_cast<std::int16_t>(-static_cast<int>(RecordWriter::kRecordBytes));  // on the stack

using Program = std::vector<bpf_insn>;

bpf_insn insn(int code, int to, int from, int offset, int value) {
  bpf_insn made{};
  made.code = static_cast<std::uint8_t>(code);
  made.dst_reg = static_cast<std::uint8_t>(to) & 0xf;
  made.src_reg = static_cast<std::uint8_t>(from) & 0xf;
  made.off = static_cast<std::int16_t>(offset);
  made.imm = value;
  return made;
}
bpf_insn copy(int to, int from) { return insn(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0); }
bpf_insn set(int to, int value) { return insn(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value); }
bpf_insn add(int to, int value) { return insn(BPF_ALU64 | BPF_ADD, to, 0, 0, value); }
bpf_insn call(bpf_func_id function) { return insn(BPF_JMP | BPF_CALL, 0, 0, 0, function); }
bpf_insn leave() { return insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }
void add_map(Program& program, int to, int map_fd) {
  program.push_back(insn(BPF_LD | BPF_DW, to, BPF_PSEUDO_MAP_FD, 0, map_fd));
  program.push_back(insn(0, 0, 0, 0, 0));
}

// The record on the stack: zeros but for its first two words, which are the program's arguments.
void add_record(Program& program) {
  for (int offset = kRecordOffset; offset < 0; offset += 8) {
    program.push_back(insn(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, offset, 0));
  }
  for (int word = 0; word < 16; word += 8) {
    program.push_back(insn(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_1, word, 0));
    program.push_back(insn(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_2, kRecordOffset + word, 0));
  }
}

Program ring_output(int map_fd, std::uint64_t flags) {
  Program program;
  add_record(program);
  add_map(program, BPF_REG_1, map_fd);
  program.insert(program.end(), {copy(BPF_REG_2, BPF_REG_10), add(BPF_REG_2, kRecordOffset),
                                 set(BPF_REG_3, RecordWriter::kRecordBytes), set(BPF_REG_4, static_cast<int>(flags)),
                                 call(BPF_FUNC_ringbuf_output), leave()});
  return program;
}

Program ring_discard(int map_fd) {
  Program program;
  add_map(program, BPF_REG_1, map_fd);
  program.insert(
      program.end(),
      {set(BPF_REG_2, RecordWriter::kRecordBytes), set(BPF_REG_3, 0), call(BPF_FUNC_ringbuf_reserve),
       insn(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, 0),  // has room: over the next two
       set(BPF_REG_0, -1), leave(),                          //
       copy(BPF_REG_1, BPF_REG_0), set(BPF_REG_2, 0), call(BPF_FUNC_ringbuf_discard), set(BPF_REG_0, 0), leave()});
  return program;
}

Program perf_output(int map_fd) {
  Program program{copy(BPF_REG_6, BPF_REG_1)};
  add_record(program);
  program.push_back(copy(BPF_REG_1, BPF_REG_6));
  add_map(program, BPF_REG_2, map_fd);
  program.insert(program.end(),
                 {insn(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, -1),  // BPF_F_CURRENT_CPU, 32 bits
                  copy(BPF_REG_4, BPF_REG_10), add(BPF_REG_4, kRecordOffset),
                  set(BPF_REG_5, RecordWriter::kRecordBytes), call(BPF_FUNC_perf_event_output), leave()});
  return program;
}

Program program_for(int map_fd, RecordWriter::Way way) {
  switch (way) {
    case RecordWriter::Way::ring:
      return ring_output(map_fd, 0);
    case RecordWriter::Way::ring_without_wakeup:
      return ring_output(map_fd, BPF_RB_NO_WAKEUP);
    case RecordWriter::Way::ring_discarded:
      return ring_discard(map_fd);
    case RecordWriter::Way::perf:
      return perf_output(map_fd);
  }
  return {};
}

}  // namespace

UniqueFd make_map(bpf_map_type type, std::uint32_t bytes_or_entries) {
  const std::uint32_t cell = type == BPF_MAP_TYPE_RINGBUF ? 0 : sizeof(std::uint32_t);
  UniqueFd map(bpf_map_create(type, "records", cell, cell, bytes_or_entries, nullptr));
  EXPECT_TRUE(map) << "cannot create the map: " << std::strerror(errno);
  return map;
}

// The type that can be run by hand since 5.10, on a CPU of one's choice.
RecordWriter::RecordWriter(const UniqueFd& map, Way way) {
  const Program program = program_for(map.get(), way);
  std::array<char, 16384> log{};
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  options.log_level = 1;
  options.log_size = log.size();
  options.log_buf = log.data();
  program_.reset(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "record_writer", "Dual BSD/GPL", program.data(),
                               program.size(), &options));
  EXPECT_TRUE(program_) << "cannot load the program: " << std::strerror(errno) << "\n" << log.data();
}

bool RecordWriter::write(std::uint64_t time_ns, int cpu) const {
  const std::array<std::uint64_t, 2> words{kRecordBytes, time_ns};
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.ctx_in = words.data();
  options.ctx_size_in = sizeof(words);
  if (cpu >= 0) {
    options.flags = BPF_F_TEST_RUN_ON_CPU;
    options.cpu = static_cast<std::uint32_t>(cpu);
  }
  EXPECT_EQ(bpf_prog_test_run_opts(program_.get(), &options), 0) << std::strerror(errno);
  return options.retval == 0;
}

}  // namespace bongsu::test
