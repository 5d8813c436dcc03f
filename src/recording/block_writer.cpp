// SPDX-License-Identifier: Apache-2.0
#include "recording/block_writer.h"

#include <unistd.h>
#include <zstd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

namespace bongsu {
namespace {

constexpr int kLevel = 3;  // zstd's own choice: some 300 MB/s, a sixth of the size
// A zstd frame ends after so much of what goes in, and its checksum tells of damage.
constexpr std::int64_t kFrameBytes = std::int64_t{16} << 20;
// What the ends of frames and the last notice take at the most.
constexpr std::int64_t kReserveBytes = 4096;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

struct Block {
  std::string bytes;
  bool flush = false;
};

}  // namespace

// Shared with the thread: one that hangs in write() outlives the writer.
struct BlockWriter::State {
  UniqueFd file;
  Options options;
  std::unique_ptr<ZSTD_CCtx, FreeContext> zstd{ZSTD_createCCtx()};
  std::vector<char> out = std::vector<char>(ZSTD_CStreamOutSize());
  std::atomic<std::int64_t> file_bytes = 0;
  std::int64_t frame_bytes = 0;  // into the zstd frame at hand
  std::int64_t held_bytes = 0;   // of these: since the last flush, some of them still inside zstd
  bool closed = false;           // the thread's: nothing is written any more

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<Block> waiting;        // guarded by mutex, as all below
  std::vector<std::string> spares;  // empty blocks with their memory
  bool finishing = false;
  bool done = false;
  std::optional<Error> failure;

  void work();
  void write(const Block& block);
  void compress(const std::string& bytes, ZSTD_EndDirective directive);
  void write_file(std::size_t size);
  void fail_with(Error error);
};

void BlockWriter::State::work() {
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return !waiting.empty() || finishing; });
    if (waiting.empty()) {
      break;
    }
    Block block = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    write(block);
    block.bytes.clear();
    lock.lock();
    spares.push_back(std::move(block.bytes));
  }
  lock.unlock();
  compress({}, ZSTD_e_end);
  file.reset();
  lock.lock();
  done = true;
  changed.notify_all();
}

void BlockWriter::State::write(const Block& block) {
  const auto size = static_cast<std::int64_t>(block.bytes.size());
  const auto fits = [&] {
    const auto most = static_cast<std::int64_t>(ZSTD_compressBound(static_cast<std::size_t>(held_bytes + size)));
    return file_bytes + most + kReserveBytes <= options.max_bytes;
  };
  if (!closed && !fits()) {
    compress({}, ZSTD_e_flush);  // what is held may be far smaller than it could have been
    if (!fits()) {
      compress(options.at_limit, ZSTD_e_end);
      fail_with({options.name + " is as large as it may be", "--max-bytes sets how large that is"});
    }
  }
  frame_bytes += size;
  const bool end = frame_bytes >= kFrameBytes;
  compress(block.bytes, end ? ZSTD_e_end : block.flush ? ZSTD_e_flush : ZSTD_e_continue);
  held_bytes = end || block.flush ? 0 : held_bytes + size;
  frame_bytes = end ? 0 : frame_bytes;
}

void BlockWriter::State::compress(const std::string& bytes, ZSTD_EndDirective directive) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  bool more = !closed;
  while (more && !closed) {
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    const std::size_t left = ZSTD_compressStream2(zstd.get(), &target, &in, directive);
    if (ZSTD_isError(left) != 0) {
      fail_with({"cannot compress " + options.name + ": " + ZSTD_getErrorName(left), ""});
      return;
    }
    write_file(target.pos);
    more = directive == ZSTD_e_continue ? in.pos < in.size : left != 0;
  }
  if (directive == ZSTD_e_flush) {
    held_bytes = 0;
  }
}

void BlockWriter::State::write_file(std::size_t size) {
  std::size_t done_bytes = 0;
  while (done_bytes < size) {
    const ssize_t wrote = ::write(file.get(), out.data() + done_bytes, size - done_bytes);
    if (wrote >= 0) {
      done_bytes += static_cast<std::size_t>(wrote);
      file_bytes += wrote;
    } else if (errno != EINTR) {
      fail_with(fail_errno("cannot write " + options.name, errno, "what was written before can be replayed").value());
      return;
    }
  }
}

void BlockWriter::State::fail_with(Error error) {
  closed = true;
  const std::scoped_lock lock(mutex);
  failure = std::move(error);
}

Result<std::unique_ptr<BlockWriter>> BlockWriter::start(UniqueFd file, std::int64_t written, Options options) {
  auto state = std::make_shared<State>();
  if (state->zstd == nullptr) {
    return fail("no memory to compress " + options.name);
  }
  ZSTD_CCtx_setParameter(state->zstd.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(state->zstd.get(), ZSTD_c_checksumFlag, 1);
  state->file = std::move(file);
  state->file_bytes = written;
  state->options = std::move(options);
  state->spares.resize(kMaxWaiting);
  try {
    return std::unique_ptr<BlockWriter>(new BlockWriter(std::move(state)));
  } catch (const std::system_error& error) {
    return fail("no thread to write the recording: " + std::string(error.what()));
  }
}

BlockWriter::BlockWriter(std::shared_ptr<State> state)
    : state_(std::move(state)), thread_([state = state_] { state->work(); }) {}

BlockWriter::~BlockWriter() { finish({}, std::chrono::steady_clock::now()); }

bool BlockWriter::push(std::string& block, bool flush) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->waiting.size() >= kMaxWaiting) {
    return false;
  }
  std::string empty;
  if (!state_->spares.empty()) {
    empty = std::move(state_->spares.back());
    state_->spares.pop_back();
  }
  state_->waiting.push_back({std::move(block), flush});
  block = std::move(empty);
  state_->changed.notify_all();
  return true;
}

std::optional<Error> BlockWriter::failure() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->failure;
}

std::int64_t BlockWriter::file_bytes() const { return state_->file_bytes; }

bool BlockWriter::finish(std::string last, std::chrono::steady_clock::time_point deadline) {
  if (!thread_.joinable()) {
    return true;
  }
  std::unique_lock lock(state_->mutex);
  state_->waiting.push_back({std::move(last), true});
  state_->finishing = true;
  state_->changed.notify_all();
  const bool done = state_->changed.wait_until(lock, deadline, [this] { return state_->done; });
  lock.unlock();
  if (done) {
    thread_.join();
  } else {
    thread_.detach();
  }
  return done;
}

}  // namespace bongsu
