// SPDX-License-Identifier: Apache-2.0
#include "sensor/kernel_types.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/btf.h>

#include <algorithm>
#include <string>

namespace bongsu {
namespace {

int find(std::string_view prefix, std::string_view name, std::uint32_t kind) {
  const std::shared_ptr<const btf> types = kernel_types();
  const std::string whole = std::string(prefix).append(name);
  return types == nullptr ? 0 : std::max(0, btf__find_by_name_kind(types.get(), whole.c_str(), kind));
}

}  // namespace

std::shared_ptr<const btf> kernel_types() {
  static std::weak_ptr<const btf> held;
  std::shared_ptr<const btf> types = held.lock();
  if (types == nullptr) {
    if (btf* read = btf__load_vmlinux_btf(); read != nullptr && libbpf_get_error(read) == 0) {
      types.reset(read, &btf__free);
      held = types;
    }
  }
  return types;
}

// What libbpf_find_vmlinux_btf_id() looks for, which reads all types each time.
int kernel_function(std::string_view name) { return find("", name, BTF_KIND_FUNC); }
int kernel_tracepoint(std::string_view name) { return find("btf_trace_", name, BTF_KIND_TYPEDEF); }
int kernel_iterator(std::string_view name) { return find("bpf_iter_", name, BTF_KIND_FUNC); }

}  // namespace bongsu
