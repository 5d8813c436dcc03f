# SPDX-License-Identifier: Apache-2.0
"""The kernel tests in a VM of scripts/vm: started, followed line by line, and started again where a VM was lost."""

import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

from suite import Case, SuiteReader

KERNELS = ("5.10", "6.1", "6.12", "newest")
VM_LOST, VM_LATE = 125, 124  # exit codes of scripts/vm run
MOST_LOST = 3  # VMs of one run
SAY_EVERY_S = 30


def fetch(root: Path, versions: list[str]) -> list[str]:
    """Makes sure that the kernels are here; their releases."""
    ran = subprocess.run([str(root / "scripts/vm"), "fetch", *versions], stdin=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)  # fmt: skip
    sys.stderr.write(ran.stderr)
    if ran.returncode != 0:
        sys.exit(f"kernel-matrix: cannot have the kernels {' '.join(versions)}")
    return [line.split()[0] for line in ran.stderr.splitlines() if " is in " in line]


class Machine:
    def __init__(self, root: Path, release: str, build: Path, memory: int, timeout: int) -> None:
        self.release = release
        self._vm = str(root / "scripts/vm")
        self._build = build
        self._sizes = ["--memory", str(memory), "--timeout", str(timeout)]

    def run(self, hooks: str, chosen: str) -> tuple[list[Case], str]:
        """The tests that `chosen` names (as --gtest_filter), and why not all of them ran, where that is so."""
        tests: list[Case] = []
        for _ in range(MOST_LOST):
            done = ":".join(test.name for test in tests)
            # Another rung than the one that a test is about is no answer.
            but = [*(["*HookModeTest*"] if hooks != "auto" else []), *([done] if done else [])]
            reader, code = self._start(hooks, f"{chosen}-{':'.join(but)}" if but else chosen)
            tests += reader.tests
            if code in (0, 1) and reader.tests:
                return tests, ""
            where = reader.tests[-1].name if reader.tests else "its start"
            self._say(f"exit code {code} in {where}: {' / '.join(reader.stray[-5:])}")
            if code != VM_LOST:
                return tests, "not done in time" if code == VM_LATE else f"exit code {code} in {where}"
        return tests, f"{MOST_LOST} VMs were lost"

    def _start(self, hooks: str, chosen: str) -> tuple[SuiteReader, int]:
        environment = ["TMPDIR=/dev/shm", "BONGSU_TEST_REPORT=1"]
        environment += [f"BONGSU_TEST_HOOKS={hooks}"] if hooks != "auto" else []
        process = subprocess.Popen(
            [self._vm, "run", self.release, "--ro", str(self._build), *self._sizes, "--",
             "env", *environment, str(self._build / "kernel_tests"), f"--gtest_filter={chosen}"],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace",
        )  # fmt: skip
        reader = SuiteReader(hooks)
        told: deque[str] = deque(maxlen=20)
        follower = threading.Thread(target=lambda: told.extend(process.stderr or ()))
        follower.start()
        began = said = time.monotonic()
        for line in process.stdout or ():
            test = reader.take(line)
            if test and (test.state == "failed" or time.monotonic() - said > SAY_EVERY_S):
                said = time.monotonic()
                self._say(f"{len(reader.tests)} tests after {said - began:.0f} s; {test.name} {test.state}")
        code = process.wait()
        follower.join()
        reader.stray += [line.rstrip() for line in told]
        if told and any(test.state == "failed" for test in reader.tests):
            self._say("what was said on stderr, at the end:\n" + "".join(f"    {line}" for line in told).rstrip())
        self._say(f"hooks {hooks}: {len(reader.tests)} tests in {time.monotonic() - began:.0f} s")
        return reader, code

    def _say(self, text: str) -> None:
        print(f"  {self.release}: {text}", file=sys.stderr, flush=True)
