# SPDX-License-Identifier: Apache-2.0
"""Nothing is changed: files of the kernel are opened for writing and closed, or the kernel refuses."""

import shutil

from support.box import Box
from support.host import Host
from support.inside import PYTHON, python_source

from default_rules import Action, host_trigger, trigger

OPEN_FOR_WRITING = """
try:
    os.close(os.open(sys.argv[1], os.O_WRONLY))
except OSError as error:
    print(error)
"""
CALLS = {
    "load": "syscall('finit_module', -1, b'', 0)",
    "remove": "syscall('delete_module', b'no_such_module', 0)",
    "boot": "syscall('kexec_load', 0, 0, None, 0xffff)",  # flags that no kernel knows
    "count": "syscall('perf_event_open', (ctypes.c_char * 128)(1, 0, 0, 0, 128), 0, -1, -1, 0)",
    "fault": "syscall('userfaultfd', 0)",
    "ring": "syscall('io_uring_setup', 4, (ctypes.c_char * 120)())",
    "read_key": "syscall('keyctl', 11, -3, None, 0)",  # KEYCTL_READ of the session's key ring
    "add_key": "syscall('add_key', b'user', b'x', b'y', 1, -1)",  # into the thread's key ring
}
# BPF_PROG_LOAD of a socket filter: r0 = 0; exit
LOAD_BPF = """
code = ctypes.create_string_buffer(struct.pack("=BBhiBBhi", 0xb7, 0, 0, 0, 0x95, 0, 0, 0), 16)
name = ctypes.create_string_buffer(b"GPL")
attributes = struct.pack("=IIQQ", 1, 2, ctypes.addressof(code), ctypes.addressof(name))
print(syscall("bpf", 5, ctypes.create_string_buffer(attributes, 120), 120))
"""


def opens(path: str) -> Action:
    def action(box: Box) -> None:
        box.python(OPEN_FOR_WRITING, path)

    action.__name__ = f"open:{path}"
    return action


def calls(name: str) -> Action:
    def action(box: Box) -> None:
        box.python(CALLS[name])

    action.__name__ = name
    return action


for identifier, path, privileged in [
    ("kernel-helper-changed", "/proc/sys/kernel/core_pattern", False),
    ("kernel-helper-changed", "/proc/sys/kernel/core_pattern", True),
    ("kernel-helper-changed", "/sys/kernel/uevent_helper", False),
    ("kernel-helper-changed", "/proc/sys/kernel/modprobe", False),
    ("kernel-helper-changed", "/proc/sys/fs/binfmt_misc/register", False),
    ("kernel-setting-changed-in-container", "/proc/sys/vm/overcommit_memory", False),
    ("kernel-setting-changed-in-container", "/proc/sys/kernel/panic", True),
    ("kernel-protection-changed", "/proc/sys/kernel/kptr_restrict", True),
    ("sysrq-triggered", "/proc/sysrq-trigger", False),
    ("kernel-memory-opened", "/dev/mem", False),
    ("kernel-memory-opened", "/dev/cpu/0/msr", False),
    ("kernel-tracing-file-written", "/sys/kernel/tracing/kprobe_events", False),
]:
    trigger(identifier, privileged=privileged)(opens(path))

for identifier, call in [
    ("module-load-in-container", "load"),
    ("module-unloaded", "remove"),
    ("another-kernel-loaded", "boot"),
    ("performance-events-in-container", "count"),
    ("page-faults-handled-in-container", "fault"),
    ("io-uring-in-container", "ring"),
    ("kernel-keys-used-in-container", "read_key"),
    ("kernel-keys-used-in-container", "add_key"),
]:
    trigger(identifier)(calls(call))


@trigger("bpf-program-in-container")
def refused(box: Box) -> None:
    box.python(LOAD_BPF)


@trigger("bpf-program-in-container", privileged=True)
def loaded(box: Box) -> None:
    box.python(LOAD_BPF)


@host_trigger("bpf-program-by-dropped-executable")
def dropped(host: Host) -> None:
    copy = host.folder / "x"
    shutil.copy(PYTHON, copy)
    host.run([str(copy), "-"], stdin=python_source(LOAD_BPF), check=True)


@host_trigger("module-load-by-unusual-program")
def by_python(host: Host) -> None:
    host.python(CALLS["load"])


@trigger("kernel-reached-by-32-bit-call")
def int_0x80(box: Box) -> None:
    box.python("""
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
# push rbx; mov eax, 310 (unshare of i386); mov ebx, 0x10000000 (CLONE_NEWUSER); int 0x80; pop rbx; ret
page.write(bytes.fromhex("53 b8 36010000 bb 00000010 cd80 5b c3"))
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
""")
