// SPDX-License-Identifier: Apache-2.0
#include "confine/capabilities.h"

#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

namespace bongsu {
namespace {

struct Free {
  void operator()(void* from_libcap) const { ::cap_free(from_libcap); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, Free>;

bool has(const Capabilities& now, cap_value_t capability) {
  cap_flag_value_t value = CAP_CLEAR;
  return ::cap_get_flag(now.get(), capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

std::vector<cap_value_t> wanted(const Capabilities& now, const CapabilityNeeds& needs) {
  std::vector<cap_value_t> list = {CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE};
  if (has(now, CAP_BPF) && has(now, CAP_PERFMON)) {
    list.insert(list.end(), {CAP_BPF, CAP_PERFMON});
  } else {
    list.push_back(CAP_SYS_ADMIN);
  }
  if (needs.locked_memory) {
    list.push_back(CAP_IPC_LOCK);
  }
  if (needs.low_port) {
    list.push_back(CAP_NET_BIND_SERVICE);
  }
  if (needs.writes_files) {
    list.push_back(CAP_DAC_OVERRIDE);
  }
  return list;
}

std::string name_of(cap_value_t capability) {
  const std::unique_ptr<char, Free> name(::cap_to_name(capability));
  return name ? name.get() : std::to_string(capability);
}

}  // namespace

Result<std::string> keep_needed_capabilities(const CapabilityNeeds& needs) {
  // Refused without CAP_SYS_RESOURCE, which only matters where the kernel counts: loading then says so.
  const rlimit unlimited{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  (void)::setrlimit(RLIMIT_MEMLOCK, &unlimited);

  const Capabilities now(::cap_get_proc());
  const Capabilities kept(::cap_init());
  if (!now || !kept) {
    return fail_errno("cannot read the own capabilities", errno);
  }
  std::vector<cap_value_t> keep = wanted(now, needs);
  std::erase_if(keep, [&](cap_value_t capability) { return !has(now, capability); });
  std::ranges::sort(keep);
  // The bounding set needs CAP_SETPCAP, and only matters to what a process executes: no_new_privs stands over it.
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if (!std::ranges::binary_search(keep, capability)) {
      (void)::cap_drop_bound(capability);
    }
  }
  if (!keep.empty()) {
    const auto count = static_cast<int>(keep.size());
    if (::cap_set_flag(kept.get(), CAP_PERMITTED, count, keep.data(), CAP_SET) != 0 ||
        ::cap_set_flag(kept.get(), CAP_EFFECTIVE, count, keep.data(), CAP_SET) != 0) {
      return fail_errno("cannot choose the capabilities to keep", errno);
    }
  }
  (void)::cap_reset_ambient();  // Linux before 4.3 has none
  if (::cap_set_proc(kept.get()) != 0) {
    return fail_errno("cannot give up capabilities", errno);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return fail_errno("cannot give up new privileges", errno);
  }
  std::string text;
  for (const cap_value_t capability : keep) {
    text.append(text.empty() ? "" : ",").append(name_of(capability));
  }
  return text.empty() ? "none" : text;
}

}  // namespace bongsu
