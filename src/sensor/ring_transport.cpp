// SPDX-License-Identifier: Apache-2.0
#include <bpf/libbpf.h>

#include <cerrno>

#include "sensor/transport.h"

namespace bongsu {
namespace {

class RingTransport final : public Transport {
 public:
  RingTransport() = default;
  RingTransport(const RingTransport&) = delete;
  RingTransport& operator=(const RingTransport&) = delete;
  ~RingTransport() override { ring_buffer__free(ring_); }

  [[nodiscard]] Status open(int map_fd) {
    ring_ = ring_buffer__new(map_fd, &RingTransport::on_sample, this, nullptr);
    if (ring_ == nullptr) {
      return fail_errno("cannot map the ring buffer", errno);
    }
    return {};
  }

  [[nodiscard]] int fd() const override { return ring_buffer__epoll_fd(ring_); }

  std::size_t consume(const RecordHandler& handle) override {
    handle_ = &handle;
    count_ = 0;
    ring_buffer__consume(ring_);
    handle_ = nullptr;
    return count_;
  }

  std::size_t drain(const RecordHandler& handle) override { return consume(handle); }

  // The ring keeps the order in which records were reserved, on whatever CPU.
  [[nodiscard]] int hold_ms() const override { return -1; }

 private:
  static int on_sample(void* context, void* data, std::size_t size) {
    auto* self = static_cast<RingTransport*>(context);
    (*self->handle_)({static_cast<const std::byte*>(data), size});
    return ++self->count_ < kMostAtOnce ? 0 : -ECANCELED;  // this record is done; the ring stays readable
  }

  // libbpf goes on as long as records come; whoever polls has other things to look after, signals first.
  static constexpr std::size_t kMostAtOnce = 4096;

  ring_buffer* ring_ = nullptr;
  const RecordHandler* handle_ = nullptr;
  std::size_t count_ = 0;  // in this call of consume()
};

}  // namespace

Result<std::unique_ptr<Transport>> make_ring_transport(int map_fd) {
  auto transport = std::make_unique<RingTransport>();
  if (Status opened = transport->open(map_fd); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return transport;
}

}  // namespace bongsu
