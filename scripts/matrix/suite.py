# SPDX-License-Identifier: Apache-2.0
"""What one run of kernel_tests printed: each test, how it ended, and the events that it stands for.

With BONGSU_TEST_REPORT set a test prints, at its end, `EVENT name rung found|not-found` for each event that it named
and looked for, and `REFUSED name why` where a better rung could not be had (tests/support/kernel/kernel_test.cpp).
"""

import re
from dataclasses import asdict, dataclass, field

BEGAN = re.compile(r"\[ RUN      \] (\S+)$")
ENDED = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] (\S+?),? .*\((\d+) ms\)$")
STATES = {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}
KEPT_LINES = 40  # of a test's output; more is not shown


@dataclass
class Case:
    name: str
    state: str = "lost"  # passed, failed, skipped; lost: the VM ended in it
    hooks: str = "auto"  # BONGSU_TEST_HOOKS of the run
    rungs: dict[str, int] = field(default_factory=dict)  # event -> the rung it came by; 0: none could be had
    found: list[str] = field(default_factory=list)  # the events that came
    refused: dict[str, str] = field(default_factory=dict)  # event -> why better rungs could not be had
    output: list[str] = field(default_factory=list)
    milliseconds: int = 0

    def to_json(self) -> dict[str, object]:
        return asdict(self)


class SuiteReader:
    """Takes the output line by line, so that a run that is cut short leaves what it has done."""

    def __init__(self, hooks: str) -> None:
        self.tests: list[Case] = []
        self.stray: list[str] = []  # what was said outside of tests: by the VM, by the program itself
        self._hooks = hooks
        self._current: Case | None = None

    def take(self, line: str) -> Case | None:
        """The test that this line ended, if it did."""
        line = line.rstrip("\r\n")
        if began := BEGAN.search(line):
            self._current = Case(began[1], hooks=self._hooks)
            self.tests.append(self._current)
            return None
        test = self._current
        if test is None:
            self.stray = (self.stray + [line])[-KEPT_LINES:]
            return None
        if (ended := ENDED.search(line)) and ended[2] == test.name:
            test.state, test.milliseconds = STATES[ended[1]], int(ended[3])
            if test.state == "passed":
                test.output = []
            self._current = None
            return test
        words = line.split(" ", 3)
        if words[0] == "EVENT" and len(words) == 4 and words[2].isdigit():
            test.rungs[words[1]] = int(words[2])
            if words[3] == "found":
                test.found.append(words[1])
        elif words[0] == "REFUSED" and len(words) > 2:
            test.refused[words[1]] = line.split(" ", 2)[2]
        elif len(test.output) < KEPT_LINES:
            test.output.append(line)
        return None
