// SPDX-License-Identifier: Apache-2.0
#include "sensor/preflight.h"

#include <linux/capability.h>
#include <sys/utsname.h>

#include <charconv>
#include <cstdint>

#include "sensor/proc_text.h"

namespace bongsu {
namespace {

PreflightCheck check_kernel() {
  constexpr int kMajor = 5;  // typed tracepoints and their BTF: 5.5
  constexpr int kMinor = 5;
  utsname name{};
  ::uname(&name);
  const std::string_view release(name.release);
  int major = 0;
  int minor = 0;
  const auto dot = std::from_chars(release.data(), release.data() + release.size(), major);
  if (dot.ec == std::errc() && dot.ptr != release.data() + release.size() && *dot.ptr == '.') {
    std::from_chars(dot.ptr + 1, release.data() + release.size(), minor);
  }
  if (major > kMajor || (major == kMajor && minor >= kMinor)) {
    return {"kernel", name.release, {}};
  }
  return {"kernel", name.release,
          fail("Linux " + std::string(name.release) + " is too old", "bongsu needs Linux 5.5 or later")};
}

PreflightCheck check_btf(const std::filesystem::path& sys) {
  const std::filesystem::path btf = sys / "kernel/btf/vmlinux";
  std::error_code error;
  if (std::filesystem::exists(btf, error)) {
    return {"BTF", btf.string(), {}};
  }
  return {"BTF", "none",
          fail("this kernel does not describe its types (" + btf.string() + " is missing)",
               "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as current distributions' are, and mount /sys")};
}

PreflightCheck check_privilege(const std::filesystem::path& proc) {
  const std::uint64_t caps = parse_proc_status(read_proc_text(proc / "self/status")).cap_effective;
  const auto has = [caps](int cap) { return (caps >> cap & 1) != 0; };
  if (has(CAP_SYS_ADMIN)) {
    return {"privilege", "CAP_SYS_ADMIN", {}};
  }
  if (has(CAP_BPF) && has(CAP_PERFMON)) {
    return {"privilege", "CAP_BPF, CAP_PERFMON", {}};
  }
  return {
      "privilege", "none",
      fail("not permitted to load BPF programs", "run as root (sudo), or give the program CAP_BPF and CAP_PERFMON")};
}

}  // namespace

std::vector<PreflightCheck> preflight(const std::filesystem::path& proc, const std::filesystem::path& sys) {
  std::vector<PreflightCheck> checks;
  checks.push_back(check_kernel());
  checks.push_back(check_btf(sys));
  checks.push_back(check_privilege(proc));
  return checks;
}

}  // namespace bongsu
