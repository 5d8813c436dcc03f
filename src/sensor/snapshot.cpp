// SPDX-License-Identifier: Apache-2.0
#include "sensor/snapshot.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/unique_fd.h"

namespace bongsu {
namespace {

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

constexpr std::size_t kReadBytes = std::size_t{256} * 1024;

// Hands over the whole records at the front of `bytes`; returns how many bytes they took. Records follow each other
// without padding, so each is moved to aligned memory first.
std::size_t split(std::span<const std::byte> bytes, std::vector<std::uint64_t>& aligned, const RecordHandler& handle) {
  std::size_t done = 0;
  while (bytes.size() - done >= sizeof(bongsu_header)) {
    bongsu_header header{};
    std::memcpy(&header, bytes.data() + done, sizeof(header));
    if (header.size < sizeof(header) || header.size > BONGSU_RECORD_BYTES || bytes.size() - done < header.size) {
      break;
    }
    std::memcpy(aligned.data(), bytes.data() + done, header.size);
    handle({reinterpret_cast<const std::byte*>(aligned.data()), header.size});
    done += header.size;
  }
  return done;
}

}  // namespace

Status read_task_iterator(const bpf_program* program, const RecordHandler& handle) {
  const std::unique_ptr<bpf_link, LinkDeleter> link(bpf_program__attach_iter(program, nullptr));
  if (!link) {
    return fail_errno("cannot start the task iterator", errno);
  }
  const UniqueFd fd(bpf_iter_create(bpf_link__fd(link.get())));
  if (!fd) {
    return fail_errno("cannot read the task iterator", errno);
  }
  std::vector<std::byte> buffer(kReadBytes);
  std::vector<std::uint64_t> aligned(BONGSU_RECORD_BYTES / sizeof(std::uint64_t));
  std::size_t used = 0;
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data() + used, buffer.size() - used);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
      continue;
    }
    if (got < 0) {
      return fail_errno("reading the task iterator failed", errno);
    }
    if (got == 0) {
      break;
    }
    used += static_cast<std::size_t>(got);
    const std::size_t done = split({buffer.data(), used}, aligned, handle);
    std::memmove(buffer.data(), buffer.data() + done, used - done);
    used -= done;
  }
  return used == 0 ? Status{} : fail("the task iterator ended in the middle of a record");
}

}  // namespace bongsu
