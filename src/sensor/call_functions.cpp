// SPDX-License-Identifier: Apache-2.0
#include "sensor/call_functions.h"

#include <bpf/btf.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "sensor/kernel_types.h"

namespace bongsu {
namespace {

// Calls whose function has another name: arch/x86/entry/syscalls/syscall_{64,32}.tbl.
struct Alias {
  std::string_view call;
  std::string_view function;
};
constexpr Alias kWideNames[] = {{"umount2", "umount"}, {"sendfile64", "sendfile64"}};
constexpr Alias kNarrowNames[] = {{"umount", "oldumount"},
                                  {"umount2", "umount"},
                                  {"mmap", "ia32_mmap"},
                                  {"mmap2", "mmap_pgoff"},
                                  {"chown", "chown16"},
                                  {"lchown", "lchown16"},
                                  {"fchown", "fchown16"},
                                  {"setuid", "setuid16"},
                                  {"setgid", "setgid16"},
                                  {"setreuid", "setreuid16"},
                                  {"setregid", "setregid16"},
                                  {"setresuid", "setresuid16"},
                                  {"setresgid", "setresgid16"},
                                  {"setfsuid", "setfsuid16"},
                                  {"setfsgid", "setfsgid16"},
                                  {"setgroups", "setgroups16"},
                                  {"chown32", "chown"},
                                  {"lchown32", "lchown"},
                                  {"fchown32", "fchown"},
                                  {"setuid32", "setuid"},
                                  {"setgid32", "setgid"},
                                  {"setreuid32", "setreuid"},
                                  {"setregid32", "setregid"},
                                  {"setresuid32", "setresuid"},
                                  {"setresgid32", "setresgid"},
                                  {"setfsuid32", "setfsuid"},
                                  {"setfsgid32", "setfsgid"},
                                  {"setgroups32", "setgroups"},
                                  {"truncate64", "ia32_truncate64"},
                                  {"ftruncate64", "ia32_ftruncate64"},
                                  {"pread64", "ia32_pread64"},
                                  {"pwrite64", "ia32_pwrite64"},
                                  {"recvmmsg", "recvmmsg_time32"},
                                  {"recvmmsg_time64", "recvmmsg_time64"}};

template <std::size_t kCount>
std::string_view renamed(const Alias (&names)[kCount], std::string_view call) {
  const auto found = std::find_if(std::begin(names), std::end(names), [&](const Alias& a) { return a.call == call; });
  return found == std::end(names) ? call : found->function;
}

}  // namespace

// Where a call has a function for 32-bit callers of its own (compat), the plain one of the same name never runs for
// them.
std::vector<std::string> call_functions(std::string_view call, bool narrow) {
#if defined(__aarch64__)
  const std::string name(renamed(kWideNames, call));
  if (narrow) {
    return {"__arm64_compat_sys_" + name, "__arm64_sys_" + name};
  }
  return {"__arm64_sys_" + name};
#else
  if (narrow) {
    const std::string name(renamed(kNarrowNames, call));
    if (call.starts_with("process_vm_")) {  // up to 6.x a compat function of that name is there, but never runs
      return {"__ia32_sys_" + name};
    }
    return {"__ia32_compat_sys_" + name, "__ia32_sys_" + name};
  }
  return {"__x64_sys_" + std::string(renamed(kWideNames, call))};
#endif
}

int call_prototype(const std::string& function) {
  const std::shared_ptr<const btf> types = kernel_types();
  const int id = kernel_function(function);
  return id <= 0 ? 0 : static_cast<int>(btf__type_by_id(types.get(), static_cast<__u32>(id))->type);
}

int find_call_function(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const int id = kernel_function(name); id > 0) {
      return id;
    }
  }
  return 0;
}

}  // namespace bongsu
