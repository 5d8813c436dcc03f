#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The generated documents are what the program would generate now. --fix writes them.

Each generator is a command of bongsu itself; the program is named by --program.
"""

import argparse
import subprocess
from pathlib import Path

from tree import Finding, default_root, finish

GENERATED = {
    "docs/alert.schema.json": ["alerts", "schema"],
    "docs/alerts.md": ["alerts", "reference"],
    "docs/configuration.md": ["config", "reference"],
    "docs/events.md": ["events", "--markdown"],
    "docs/syscalls.md": ["events", "--syscalls"],
    "rules/rules.schema.json": ["rules", "schema"],
}


def first_difference(left: list[str], right: list[str]) -> int:
    for number, (one, other) in enumerate(zip(left, right, strict=False), start=1):
        if one != other:
            return number
    return min(len(left), len(right)) + 1


def check(root: Path, program: Path, fix: bool = False, generated: dict[str, list[str]] = GENERATED) -> list[Finding]:
    findings = []
    for name, command in generated.items():
        try:
            ran = subprocess.run([str(program), *command], capture_output=True, text=True, timeout=60)
        except OSError as error:
            return [Finding(name, 1, f"cannot run {program}: {error.strerror}; build it: ninja -C build/release")]
        shown = f"bongsu {' '.join(command)}"
        if ran.returncode != 0 or not ran.stdout:
            findings.append(Finding(name, 1, f"'{shown}' exits {ran.returncode}: {ran.stderr.strip()[:300]}"))
            continue
        path = root / name
        if fix:
            path.write_text(ran.stdout)
        elif not path.exists():
            findings.append(Finding(name, 1, f"missing: write it with '{shown} >{name}'"))
        elif path.read_text() != ran.stdout:
            line = first_difference(path.read_text().split("\n"), ran.stdout.split("\n"))
            findings.append(Finding(name, line, f"differs from '{shown}': write it anew with '{shown} >{name}'"))
    return findings


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=default_root())
    parser.add_argument("--program", type=Path, default=default_root() / "build/release/bongsu")
    parser.add_argument("--fix", action="store_true", help="write the documents")
    arguments = parser.parse_args()
    finish("docs drift", check(arguments.root.resolve(), arguments.program, arguments.fix))
