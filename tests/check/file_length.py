#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No source file over 400 lines (most stay under 300), but those listed here, each with its reason."""

from pathlib import Path

from tree import CPP_SUFFIXES, Finding, files_with, run_check

MOST_LINES = 400
ALLOWED: dict[str, str] = {
    "bpf/vmlinux/vmlinux.h": "the kernel types in use, one list",
}


def check(root: Path, allowed: dict[str, str] = ALLOWED) -> list[Finding]:
    findings = []
    for path in files_with(root, (*CPP_SUFFIXES, ".py")):
        lines = (root / path).read_bytes().count(b"\n")
        if lines > MOST_LINES and str(path) not in allowed:
            findings.append(
                Finding(str(path), lines, f"{lines} lines, the most is {MOST_LINES}: split it by idea, or list it in "
                        "tests/check/file_length.py with the reason")
            )  # fmt: skip
        elif lines <= MOST_LINES and str(path) in allowed:
            findings.append(Finding(str(path), lines, "needs its exception in tests/check/file_length.py no longer"))
    return findings


if __name__ == "__main__":
    run_check("file length", check)
