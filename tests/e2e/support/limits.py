# SPDX-License-Identifier: Apache-2.0
"""What a running program may take: descriptors, processes and memory, each by the kernel's own limit."""

import contextlib
import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from support.running import until


@contextlib.contextmanager
def no_more_descriptors(pid: int) -> Iterator[None]:
    """It keeps what it has, and gets none besides; as many as before at the end."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


class Group:
    """A cgroup of its own with one controller, v1 or v2; programs are in it from their first moment on."""

    def __init__(self, controller: str) -> None:
        root = _root(controller)
        self.folder = root / f"bongsu-e2e-{token_hex(6)}"
        self.v2 = (root / "cgroup.controllers").exists()
        self.folder.mkdir()

    @property
    def enter(self) -> tuple[str, ...]:
        """Before a command."""
        return ("/bin/sh", "-c", f'echo $$ >{self.folder}/cgroup.procs && exec "$@"', "enter")

    def take(self, pid: int) -> None:
        (self.folder / "cgroup.procs").write_text(str(pid))

    def write(self, name: str, value: str) -> None:
        (self.folder / name).write_text(value)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def limit_memory(self, size: int | None) -> None:
        """Or none."""
        if self.v2:
            self.write("memory.max", "max" if size is None else str(size))
        else:
            self.write("memory.limit_in_bytes", "-1" if size is None else str(size))

    def memory(self) -> int:
        return int(self.read("memory.current" if self.v2 else "memory.usage_in_bytes"))

    def killed(self) -> int:
        """How often the kernel has killed in it for want of memory."""
        found = re.search(r"^oom_kill (\d+)$", self.read("memory.events" if self.v2 else "memory.oom_control"), re.M)
        return int(found[1]) if found else 0

    def close(self) -> None:
        until(lambda: not self.read("cgroup.procs").split(), f"{self.folder} is empty")
        until(self._remove, f"{self.folder} can be removed")

    def _remove(self) -> bool:
        with contextlib.suppress(OSError):
            os.rmdir(self.folder)
        return not self.folder.exists()


def _root(controller: str) -> Path:
    """Of the hierarchy that has it; on v2 where the test may give it to its children."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        place = Path(before.split()[4])
        if kind == "cgroup" and controller in options.split(","):
            return place
        if kind == "cgroup2" and controller in (place / "cgroup.controllers").read_text().split():
            if controller not in (place / "cgroup.subtree_control").read_text().split():
                (place / "cgroup.subtree_control").write_text(f"+{controller}")
            return place
    raise AssertionError(f"there is no cgroup hierarchy with {controller}")
