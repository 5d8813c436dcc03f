#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The process belongs to cli/: no other room exits, reads the environment, or touches signals."""

import re
from pathlib import Path

from tree import Finding, files_with, line_of, run_check

CALL = re.compile(
    r"(?<![\w.>:])(?:std::|::)?"
    r"(exit|_exit|_Exit|quick_exit|abort|getenv|secure_getenv|setenv|putenv|unsetenv"
    r"|signal|sigaction|sigprocmask|pthread_sigmask|signalfd)\s*\("
)
COMMENT_OR_STRING = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)


def blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def check(root: Path) -> list[Finding]:
    findings = []
    for path in files_with(root, (".cpp", ".h"), ("src/",)):
        if path.parts[1] == "cli":
            continue
        text = COMMENT_OR_STRING.sub(blank, (root / path).read_text())
        for call in CALL.finditer(text):
            # `struct sigaction action` has no parenthesis; a declaration of a function of that name does not occur.
            line = line_of(text, call.start())
            findings.append(Finding(str(path), line, f"{call[1]}() belongs to src/cli: pass in what is needed"))
    return findings


if __name__ == "__main__":
    run_check("only in cli", check)
