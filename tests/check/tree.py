# SPDX-License-Identifier: Apache-2.0
"""What the checks share: the files that are ours, one line per finding, and the pinned tools.

A check is a program: `python3 tests/check/x.py [--root FOLDER]`. It prints `file:line: what is wrong` for each finding
and exits 1 when there is one. Its work is a function that returns findings, so test_checks.py can try it on a tree
that is wrong on purpose.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

SKIPPED_FOLDERS = {".git", "build", "__pycache__", ".pytest_cache"}
CPP_SUFFIXES = (".cpp", ".h", ".c")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def default_root() -> Path:
    return Path(__file__).resolve().parents[2]


def own_files(root: Path) -> list[Path]:
    """Every file that is ours, relative to root: what git tracks or would add; without git, all but build/."""
    if (root / ".git").exists() and shutil.which("git"):
        # Under sudo the checkout may belong to another user; listing its files is harmless.
        listing = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, check=True, capture_output=True,
        ).stdout.split(b"\0")  # fmt: skip
        paths = [Path(os.fsdecode(name)) for name in listing if name]
    else:
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            paths += [(Path(folder) / name).relative_to(root) for name in names]
    # A file that is deleted but not yet committed is still in git's list.
    return sorted(path for path in set(paths) if (root / path).is_file())


def files_with(root: Path, suffixes: Iterable[str], below: Iterable[str] = ("",)) -> list[Path]:
    return [path for path in own_files(root)
            if path.suffix in tuple(suffixes) and str(path).startswith(tuple(below))]  # fmt: skip


def shell_scripts(root: Path) -> list[Path]:
    scripts = []
    for path in own_files(root):
        with open(root / path, "rb") as file:
            first = file.readline(200)
        if path.suffix == ".sh" or re.match(rb"#!.*\b(ba|da)?sh\b", first):
            scripts.append(path)
    return scripts


def tool(name: str, requirement: str | None = None) -> str:
    """The path of a pinned tool: beside this Python (the virtual environment of scripts/test), else in PATH.

    Another version than scripts/requirements.txt says ends the check: its findings would differ from everyone else's.
    """
    beside = Path(sys.executable).parent / name
    path = str(beside) if beside.exists() else shutil.which(name)
    if path is None:
        sys.exit(f"{name} is not installed: run 'scripts/test check', or pip install -r scripts/requirements.txt")
    pins = (default_root() / "scripts/requirements.txt").read_text()
    pinned = re.search(rf"^{re.escape(requirement or name)}==(\d+\.\d+\.\d+)", pins, re.MULTILINE)
    version = subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout
    if pinned is None or pinned[1] not in version:
        sys.exit(f"{path}: not the version of scripts/requirements.txt ({pinned and pinned[1]}): {version.strip()!r}")
    return path


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def run_check(name: str, check: Callable[[Path], Iterable[Finding]]) -> None:
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--root", type=Path, default=default_root(), help="the checkout (default: this one)")
    finish(name, check(parser.parse_args().root.resolve()))


def finish(name: str, findings: Iterable[Finding]) -> None:
    # What the build generates (bpftool's skeleton) is nobody's to mend, though it is seen from files that include it.
    findings = sorted({finding for finding in findings if not finding.path.startswith("build/")})
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(f"{name}: {len(findings)} finding(s)")
