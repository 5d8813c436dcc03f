#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C and C++ file is as .clang-format says. --fix formats them in place."""

import argparse
import re
import subprocess
from pathlib import Path

from tree import CPP_SUFFIXES, Finding, default_root, files_with, finish, tool

# events.def is a table: its columns are its meaning. Its suffix keeps it out.
LINE = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: (?:error|warning): (?P<text>.*)$")


def check(root: Path, fix: bool = False) -> list[Finding]:
    paths = [str(path) for path in files_with(root, CPP_SUFFIXES)]
    if not paths:
        return []
    action = ["-i"] if fix else ["--dry-run", "-Werror"]
    ran = subprocess.run([tool("clang-format"), *action, *paths], cwd=root, capture_output=True, text=True)
    first_by_path: dict[str, Finding] = {}
    for line in ran.stderr.splitlines():
        if found := LINE.match(line):
            first_by_path.setdefault(
                found["path"],
                Finding(found["path"], int(found["line"]), "not formatted: python3 tests/check/clang_format.py --fix"),
            )
    if ran.returncode != 0 and not first_by_path:
        return [Finding(".clang-format", 1, f"clang-format failed: {ran.stderr.strip()[:500]}")]
    return list(first_by_path.values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=default_root())
    parser.add_argument("--fix", action="store_true", help="format in place")
    arguments = parser.parse_args()
    finish("clang-format", check(arguments.root.resolve(), arguments.fix))
