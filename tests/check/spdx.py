#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file names its licence in its first lines: the kernel side is dual, all else is Apache-2.0."""

import re
from pathlib import Path

from tree import Finding, own_files, run_check, shell_scripts

SUFFIXES = {".cpp", ".h", ".c", ".def", ".py", ".cmake", ".sh"}
KERNEL_SIDE = "(BSD-2-Clause OR GPL-2.0-only)"
APACHE = "Apache-2.0"
FIRST_LINES = 3  # a #! line and shellcheck's word may stand before it
PATTERN = re.compile(r"SPDX-License-Identifier: (.+?)\s*(?:\*/)?\s*$", re.MULTILINE)


def check(root: Path) -> list[Finding]:
    findings = []
    scripts = set(shell_scripts(root))
    for path in own_files(root):
        if path.suffix not in SUFFIXES and path.name != "CMakeLists.txt" and path not in scripts:
            continue
        kernel_side = path.parts[0] == "bpf" and path.name != "CMakeLists.txt"
        expected = KERNEL_SIDE if kernel_side else APACHE
        head = "\n".join((root / path).read_text(errors="replace").split("\n")[:FIRST_LINES])
        found = PATTERN.search(head)
        if found is None:
            findings.append(Finding(str(path), 1, f"no line 'SPDX-License-Identifier: {expected}' at the top"))
        elif found[1] != expected:
            findings.append(Finding(str(path), 1, f"licence is {found[1]}, expected {expected}"))
    return findings


if __name__ == "__main__":
    run_check("spdx", check)
