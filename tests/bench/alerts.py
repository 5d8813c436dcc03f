# SPDX-License-Identifier: Apache-2.0
"""Alerts of the trigger's execs, each with when it was executed and when its line was read."""

import re
import subprocess
from dataclasses import dataclass

import children
from bench import Bench

# A line of work/stamp: when it was read, then the alert, whose arguments hold when it was executed.
LINE = re.compile(r'^([0-9]+) .*"T([0-9]{19})".*"rule":\{"id":"bench-mark"')


@dataclass(frozen=True)
class Alert:
    triggered_ns: int
    read_ns: int

    @property
    def latency_ms(self) -> float:
        return (self.read_ns - self.triggered_ns) / 1e6


class Stamped:
    """A pipe for a monitor's stdout, at whose end each line is stamped as it comes."""

    def __init__(self, bench: Bench) -> None:
        self._path = bench.folder / "stamped"
        self._process = children.start([bench.work / "stamp", self._path], stdin=subprocess.PIPE)
        self.pipe = self._process.stdin

    def opened(self) -> None:
        """The monitor has its end: the stamper's input ends with it."""
        self.pipe.close()

    def lines(self) -> list[str]:
        return self._path.read_text(errors="replace").splitlines() if self._path.exists() else []

    def count(self, word: str) -> int:
        return sum(word in line for line in self.lines())

    def alerts(self) -> list[Alert]:
        """Of the trigger: each once, in the order in which they came."""
        found = (LINE.search(line) for line in self.lines())
        return list({match[2]: Alert(int(match[2]), int(match[1])) for match in found if match}.values())

    def __enter__(self) -> "Stamped":
        return self

    def __exit__(self, *_: object) -> None:
        if not self.pipe.closed:
            self.pipe.close()
        children.stop(self._process)
