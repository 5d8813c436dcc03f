// SPDX-License-Identifier: Apache-2.0
#include "confine/calls.h"

#include <asm/ioctls.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

namespace bongsu {
namespace {

using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, decltype(&::seccomp_release)>;

// Numbers below zero are calls that this processor does not have: libseccomp leaves their rules out.
constexpr std::array kAllowed = {
    // memory
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(memfd_create),  // libbpf from 1.4 on: a place for each map
    // threads and time
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(membarrier), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    // signals to itself
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack), SCMP_SYS(signalfd4), SCMP_SYS(restart_syscall),
    // files
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(pwrite64),
    SCMP_SYS(writev), SCMP_SYS(pwritev), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(lseek),
    SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(fcntl), SCMP_SYS(flock), SCMP_SYS(dup),
    SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe2), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate), SCMP_SYS(fadvise64), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rmdir), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(umask),
    SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat),
    SCMP_SYS(open_by_handle_at),  // a cgroup by its id
    // waiting
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2), SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime), SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch), SCMP_SYS(inotify_rm_watch),
    // the network; socket() below
    SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(getsockname),
    SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
    // who and where it is
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    SCMP_SYS(getrandom), SCMP_SYS(getrlimit),
    // probes; bpf() below
    SCMP_SYS(perf_event_open)};

// What libbpf and src/sensor ask of bpf(2). No look at what others loaded, no pin, no detaching of what is not its own.
constexpr std::array kBpfCommands = {
    BPF_MAP_CREATE,       BPF_MAP_LOOKUP_ELEM,     BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, BPF_MAP_GET_NEXT_KEY,
    BPF_MAP_LOOKUP_BATCH, BPF_MAP_FREEZE,          BPF_PROG_LOAD,       BPF_PROG_BIND_MAP,   BPF_OBJ_GET_INFO_BY_FD,
    BPF_BTF_LOAD,         BPF_RAW_TRACEPOINT_OPEN, BPF_LINK_CREATE,     BPF_ITER_CREATE};

// No raw sockets but getaddrinfo(3)'s, by which it asks for the own addresses.
constexpr std::array<std::pair<int, int>, 7> kSockets = {{{AF_UNIX, SOCK_STREAM},
                                                          {AF_UNIX, SOCK_DGRAM},
                                                          {AF_INET, SOCK_STREAM},
                                                          {AF_INET, SOCK_DGRAM},
                                                          {AF_INET6, SOCK_STREAM},
                                                          {AF_INET6, SOCK_DGRAM},
                                                          {AF_NETLINK, SOCK_RAW}}};

constexpr std::array<std::uint64_t, 10> kIoctls = {TCGETS,
                                                   SIOCOUTQ,
                                                   TIOCGWINSZ,
                                                   FIONREAD,
                                                   FIONBIO,
                                                   PERF_EVENT_IOC_ENABLE,
                                                   PERF_EVENT_IOC_DISABLE,
                                                   PERF_EVENT_IOC_SET_BPF,
                                                   PERF_EVENT_IOC_ID,
                                                   PERF_EVENT_IOC_SET_OUTPUT};

class Rules {
 public:
  explicit Rules(const Filter& filter) : filter_(filter.get()) {}

  void allow(int call, std::initializer_list<scmp_arg_cmp> arguments = {}) { add(SCMP_ACT_ALLOW, call, arguments); }
  [[nodiscard]] int error() const { return error_; }

 private:
  void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> arguments) {
    if (error_ == 0) {
      error_ =
          ::seccomp_rule_add_array(filter_, action, call, static_cast<unsigned>(arguments.size()), arguments.begin());
    }
  }

  scmp_filter_ctx filter_;
  int error_ = 0;  // of the first rule that could not be added, negative
};

scmp_arg_cmp equal(unsigned argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}
scmp_arg_cmp all_of(unsigned argument, std::uint64_t bits) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = bits};
}

}  // namespace

Status allow_only_needed_calls() {
  const Filter filter(::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), &::seccomp_release);
  if (!filter) {
    return fail("cannot make a filter of system calls");
  }
  Rules rules(filter);
  for (const int call : kAllowed) {
    rules.allow(call);
  }
  for (const auto command : kBpfCommands) {
    rules.allow(SCMP_SYS(bpf), {equal(0, command)});
  }
  for (const auto& [family, type] : kSockets) {
    constexpr std::uint64_t kTypes = 0xf;  // SOCK_TYPE_MASK of include/linux/net.h: the rest are flags
    rules.allow(SCMP_SYS(socket),
                {equal(0, static_cast<std::uint64_t>(family)),
                 {.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = kTypes, .datum_b = static_cast<std::uint64_t>(type)}});
  }
  for (const std::uint64_t request : kIoctls) {
    rules.allow(SCMP_SYS(ioctl), {equal(1, request)});
  }
  // Threads, no processes. The arguments of clone3() cannot be looked at; without it the C library takes clone().
  rules.allow(SCMP_SYS(clone), {all_of(0, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND)});
  rules.allow(SCMP_SYS(tgkill), {equal(0, static_cast<std::uint64_t>(::getpid()))});  // abort(3)
  rules.allow(SCMP_SYS(prctl), {equal(0, PR_SET_NAME)});
  rules.allow(SCMP_SYS(prctl), {equal(0, PR_GET_NAME)});
  rules.allow(SCMP_SYS(prlimit64), {equal(0, 0), equal(2, 0)});  // to read the own limits
  int error = rules.error();
  if (error == 0) {
    error = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  }
  if (error == 0) {
    error = ::seccomp_load(filter.get());
  }
  return error == 0 ? Status() : fail_errno("cannot give up system calls", -error);
}

}  // namespace bongsu
