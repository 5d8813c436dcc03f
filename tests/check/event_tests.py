#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every event that has a hook is looked for by a kernel test: scripts/kernel-matrix goes by them."""

import re
import sys
from pathlib import Path

from tree import Finding, run_check

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/matrix"))

from ladder import read_ladders


def check(root: Path) -> list[Finding]:
    named: set[str] = set()
    for path in (root / "tests/kernel").glob("*_test.cpp"):
        named.update(re.findall(r"\bEventType::(\w+)", path.read_text()))
    return [Finding("bpf/wire/events.def", 1, f"the event {event} has a hook and no test in tests/kernel looks for it")
            for event in read_ladders(root) if event not in named]  # fmt: skip


if __name__ == "__main__":
    run_check("event tests", check)
