# SPDX-License-Identifier: Apache-2.0
"""What is slowed down: small programs of our own (work/*.c), a compile, and two servers with their load. Each is run to
its end and tells the microseconds that one operation took."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import children
from children import Failed
from servers import Nginx, Redis

SOURCES = Path(__file__).resolve().parent / "programs"


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    run: Callable[[], float]


def build(folder: Path) -> Path:
    """The programs of work/."""
    for source in sorted(SOURCES.glob("*.c")):
        children.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", SOURCES.parents[1],
                      "-static", "-o", folder / source.stem, source])  # fmt: skip
    shutil.copy(folder / "mark", folder / "bongsu-bench")
    return folder


def microseconds(printed: str) -> float:
    """Of what a program of work/ prints at its end."""
    told = json.loads(printed)
    return told["seconds"] / told["n"] * 1e6


def large_source(path: Path) -> None:
    """A C file that takes the compiler about half a second, the same each time."""
    functions = [
        f"int f{n}(const int *a, int n) {{ int s = {n}; for (int i = 0; i < n; i++) {{ s ^= a[i] * {n % 7 + 1};"
        f" if (s % {n % 11 + 2} == 0) s += a[(i * {n}) % n]; else s -= i; }} return s; }}"
        for n in range(1, 100)
    ]
    path.write_text("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n" + "\n".join(functions) + "\n")


class Workloads:
    """The workloads by name, in the order of the report. `size` stretches the counts: 1 is about a second each."""

    def __init__(self, folder: Path, size: float) -> None:
        self.folder = folder
        self._size = size
        self._redis: Redis | None = None
        self._nginx: Nginx | None = None
        self.operations = 0  # of the last run of a program of our own
        # By its name a rule has to look at it; that it is nobody's credential only the whole rule can tell.
        self.matched_file = folder / ".aws" / "credentials"
        self.matched_file.parent.mkdir(exist_ok=True)
        self.matched_file.write_text("nothing\n")
        large_source(folder / "large.c")
        self.all = {
            work.name: work
            for work in (
                Workload("getppid", "getppid, which no rule watches", lambda: self.own("calls", 4_000_000)),
                Workload("pipe", "pipe ping-pong", lambda: self.own("pipes", 100_000)),
                Workload("open", "open + close, a file no rule cares about",
                         lambda: self.own("opens", 500_000, "/etc/hostname")),
                Workload("open-matched", "open + close, a file that rules care about",
                         lambda: self.own("opens", 500_000, str(self.matched_file))),
                Workload("connect", "connect on loopback", lambda: self.own("connects", 30_000)),
                Workload("spawn", "spawn of /bin/true", lambda: self.own("spawns", 1_500, "/bin/true")),
                Workload("compile", "compile of a C file", self._compile),
                Workload("redis", "redis-benchmark", self._redis_benchmark),
                Workload("nginx", "nginx + wrk", self._wrk),
            )
        }  # fmt: skip

    def count(self, count: int) -> int:
        return max(int(count * self._size), 1000 if count >= 1000 else 1)

    def own(self, program: str, count: int, *arguments: str) -> float:
        printed = children.run([self.folder / program, str(self.count(count)), *arguments])
        self.operations = json.loads(printed)["n"]
        return microseconds(printed)

    def _compile(self) -> float:
        times = max(round(2 * self._size), 1)
        before = os.times()
        for _ in range(times):
            children.run(["cc", "-O2", "-c", "-o", os.devnull, self.folder / "large.c"])
        return (os.times().elapsed - before.elapsed) / times * 1e6

    def _redis_benchmark(self) -> float:
        self._redis = self._redis or Redis(self.folder / "redis")
        return self._redis.microseconds(self.count(60_000))

    def _wrk(self) -> float:
        self._nginx = self._nginx or Nginx(self.folder / "nginx")
        return self._nginx.microseconds(max(2 * self._size, 1))

    def usable(self, names: list[str]) -> dict[str, Workload]:
        """Those of them that run here: each is tried once, which also warms it."""
        usable = {}
        for name in names:
            try:
                self.all[name].run()
            except (Failed, OSError, subprocess.SubprocessError) as error:
                print(f"  {name} cannot run here: {error}", file=sys.stderr)
                continue
            usable[name] = self.all[name]
        return usable

    def close(self) -> None:
        for server in (self._redis, self._nginx):
            if server:
                server.close()
