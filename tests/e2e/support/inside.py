# SPDX-License-Identifier: Apache-2.0
"""What the tests do inside a container from outside: Python with every system call by name, files, the network."""

import ctypes
import functools
import os
import re
import subprocess
from pathlib import Path

PYTHON = "/usr/bin/python3"

# Goes before what box.python() is given. A refused call is a value too: triggers often try what the kernel refuses.
PRELUDE = """
import ctypes, errno, fcntl, mmap, os, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def syscall(name, *arguments):
    "The call's result, or minus its errno. Arguments: int, bytes, None or a ctypes object."
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *words)
    return -ctypes.get_errno() if result == -1 else result
def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the condition did not come")
        time.sleep(0.01)
"""


@functools.cache
def numbers() -> dict[str, int]:
    """System call -> number, from the compiler's headers."""
    command = ["cc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"]
    defines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: int(number) for name, number in re.findall(r"^#define __NR_(\w+) (\d+)$", defines, re.MULTILINE)}


def python_source(source: str) -> bytes:
    """A program for `python3 -`: on its stdin, because rules judge arguments."""
    return f"NUMBERS = {numbers()!r}\n{PRELUDE}\n{source}\n".encode()


class _OpenHow(ctypes.Structure):  # linux/openat2.h
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


RESOLVE_IN_ROOT = 0x10
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _open_inside(root: int, path: str, flags: int, mode: int = 0) -> int:
    """A path as a process with that root sees it: no link of the container leads out of it."""
    how = _OpenHow(flags | os.O_CLOEXEC, mode, RESOLVE_IN_ROOT)
    call = numbers()["openat2"]
    opened = _libc.syscall(
        ctypes.c_long(call), ctypes.c_long(root), path.encode(), ctypes.byref(how), ctypes.c_long(ctypes.sizeof(how))
    )
    if opened == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return opened


def put(pid: int, path: str, content: bytes, mode: int) -> None:
    """Writes a file in the root of that process, folders above it included."""
    root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY)
    try:
        folder = ""
        for part in Path(path).parts[1:-1]:
            above, folder = folder, f"{folder}/{part}"
            try:
                os.close(_open_inside(root, folder, os.O_PATH | os.O_DIRECTORY))
            except FileNotFoundError:
                parent = _open_inside(root, above or "/", os.O_PATH | os.O_DIRECTORY)
                os.mkdir(part, 0o755, dir_fd=parent)
                os.close(parent)
        with os.fdopen(_open_inside(root, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
    finally:
        os.close(root)


def bring_up_network(pid: int, internet: bool) -> None:
    """`lo`; with `internet`, every address there is leads to it too."""
    commands = ["link set lo up"]
    if internet:
        commands += ["route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"]
    enter = ["nsenter", f"--net=/proc/{pid}/ns/net", "ip"]
    for command in commands:
        done = subprocess.run([*enter, *command.split()], capture_output=True, text=True)
        assert done.returncode == 0, f"ip {command}: {done.stderr}"
