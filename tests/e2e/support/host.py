# SPDX-License-Identifier: Apache-2.0
"""Actions on the host itself whose alerts can be told from what else the machine does: they descend from a process with
a name that nothing else has."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

from support import inside
from support.box import ACTION_S, Done

# It forks, so its own name stays above what it runs.
RUNNER = "/usr/bin/timeout"
LONGEST_S = 600
NAME = r"host-[0-9a-f]{16}"


class Host:
    """A folder of its own, and programs run in it."""

    def __init__(self, folder: Path, monitor_pid: int) -> None:
        self.folder = folder  # empty, and removed after the test
        self.monitor_pid = monitor_pid
        self.log: list[str] = []
        self.id = self.name = f"host-{token_hex(8)}"
        runner = folder / self.id
        runner.symlink_to(RUNNER)
        self.runner = (str(runner), "--foreground", f"{LONGEST_S}")  # before a command: what it starts is ours

    def run(
        self, arguments: Sequence[str], *, stdin: bytes = b"", check: bool = False, timeout_s: float = ACTION_S
    ) -> Done:
        raw = subprocess.run(
            [*self.runner, *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self.folder, start_new_session=True, timeout=timeout_s,
        )  # fmt: skip
        done = Done(list(arguments), raw.returncode, raw.stdout.decode(errors="replace"), "")
        self.log.append(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}".rstrip())
        assert not check or done.returncode == 0, self.log[-1]
        return done

    def sh(self, script: str, *arguments: str, **options: Any) -> Done:
        return self.run(["/bin/sh", "-c", script, *(("sh", *arguments) if arguments else ())], **options)

    def python(self, source: str, *arguments: str, check: bool = True) -> Done:
        stdin = inside.python_source(source)
        return self.run([inside.PYTHON, "-", *arguments], stdin=stdin, check=check)
