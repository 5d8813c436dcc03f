#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over every C++ file of ours, as .clang-tidy says; a warning is an error.

Needs compile_commands.json and the generated headers: cmake --preset tidy && ninja -C build/tidy generated.
A clean result is remembered under the cache folder, by a hash of all that can change it, so only what changed is
looked at again: the file, every own header it reaches, its compile command, .clang-tidy, the tool's version and the
system's package versions.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tree import Finding, default_root, files_with, finish, tool

# Built by a preset of its own: not in the tidy preset's commands.
NOT_IN_TIDY_PRESET = ("tests/bench/",)
# The command's warnings are those of the compiler that builds it, and errors there. What clang warns of with the same
# flags is no check of ours; as an error it would get past the choice of checks.
NOT_THE_COMPILER = ("--extra-arg=-Wno-error", "--extra-arg=-Wno-unknown-warning-option")
KEPT_FOR_SECONDS = 30 * 24 * 3600
# Most of the time that clang-tidy takes, for the least that it finds: on demand, and where the program runs. The order
# of members follows their meaning; the few structs that exist by the million are laid out by hand.
ANALYZER = "-*,clang-analyzer-*,-clang-analyzer-optin.performance.Padding"
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
DIAGNOSTIC = re.compile(r"^(?P<path>/.+?):(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*)$")


@dataclass
class Unit:
    path: Path  # relative to the root
    command: str


class Hasher:
    def __init__(self, root: Path, build: Path, common: bytes) -> None:
        self.root = root
        self.common = common
        self.search = [root / "src", root / "tests", root / "bpf", build / "generated"]
        self.contents: dict[Path, bytes] = {}

    def read(self, path: Path) -> bytes:
        if path not in self.contents:
            self.contents[path] = path.read_bytes()
        return self.contents[path]

    def key(self, unit: Unit) -> str:
        digest = hashlib.sha256(self.common)
        # The checkout's own place is no part of the result: a clean clone elsewhere finds what is known.
        digest.update(unit.command.replace(str(self.root), "@").encode())
        seen: set[Path] = set()
        waiting = [self.root / unit.path]
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            content = self.read(path)
            digest.update(str(path.relative_to(self.root)).encode() + b"\0" + hashlib.sha256(content).digest())
            for name in INCLUDE.findall(content):
                for folder in (path.parent, *self.search):
                    candidate = folder / os.fsdecode(name)
                    if candidate.is_file():
                        waiting.append(candidate)
                        break
        return digest.hexdigest()


def units_of(root: Path, build: Path) -> tuple[list[Unit], list[Finding]]:
    commands_file = build / "compile_commands.json"
    if not commands_file.exists():
        sys.exit(f"{commands_file} is missing: cmake --preset tidy && ninja -C build/tidy generated")
    commands = {Path(entry["file"]).resolve(): entry["command"] for entry in json.loads(commands_file.read_text())}
    units, findings = [], []
    for path in files_with(root, (".cpp",), ("src/", "tests/")):
        command = commands.get(root / path)
        if command is not None:
            units.append(Unit(path, command))
        elif not str(path).startswith(NOT_IN_TIDY_PRESET):
            findings.append(Finding(str(path), 1, "no target builds this file, or the tidy preset is older than it"))
    return units, findings


def run_one(root: Path, build: Path, command: list[str], unit: Unit) -> tuple[list[Finding], float]:
    started = time.monotonic()
    ran = subprocess.run(
        [*command, "-p", str(build), "--quiet", *NOT_THE_COMPILER, str(root / unit.path)],
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    findings = []
    for line in ran.stdout.splitlines():
        if found := DIAGNOSTIC.match(line):
            path = Path(os.path.normpath(found["path"]))
            name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
            findings.append(Finding(name, int(found["line"]), found["text"].replace(",-warnings-as-errors]", "]")))
    if ran.returncode != 0 and not findings:
        findings.append(Finding(str(unit.path), 1, f"clang-tidy failed: {(ran.stderr or ran.stdout).strip()[:500]}"))
    return findings, time.monotonic() - started


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "bongsu" / "clang-tidy"
    folder.mkdir(parents=True, exist_ok=True)
    too_old = time.time() - KEPT_FOR_SECONDS
    for entry in folder.iterdir():
        if entry.stat().st_mtime < too_old:
            entry.unlink(missing_ok=True)
    return folder


def common_input(root: Path, program: str) -> bytes:
    """What changes every result: the tool, its configuration, this script, the headers of the system."""
    version = subprocess.run([program, "--version"], check=True, capture_output=True).stdout
    packages = b""
    if shutil.which("dpkg-query"):
        packages = subprocess.run(["dpkg-query", "-W"], check=True, capture_output=True).stdout
    configurations = [path.read_bytes() for path in sorted(root.glob("**/.clang-tidy")) if "build" not in path.parts]
    return b"\0".join([version, packages, *configurations, Path(__file__).read_bytes()])


def check(
    root: Path, build: Path, only: list[str], use_cache: bool, jobs: int, analyzer: bool = False
) -> list[Finding]:
    units, findings = units_of(root, build)
    if analyzer:
        units = [unit for unit in units if str(unit.path).startswith("src/")]
    if only:
        units = [unit for unit in units if any(word in str(unit.path) for word in only)]
        findings = []
    program = tool("clang-tidy")
    command = [program, f"--checks={ANALYZER}"] if analyzer else [program]
    hasher = Hasher(root, build, common_input(root, program) + " ".join(command[1:]).encode())
    cache = cache_folder()
    todo = []
    for unit in units:
        remembered = cache / hasher.key(unit)
        if use_cache and remembered.exists():
            os.utime(remembered)
        else:
            todo.append((unit, remembered))
    print(f"clang-tidy: {len(todo)} of {len(units)} files to look at, {jobs} at a time", flush=True)
    # The largest first: the last worker is not left alone with the longest file.
    todo.sort(key=lambda item: -(root / item[0].path).stat().st_size)
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda item: run_one(root, build, command, item[0]), todo)
        for number, ((unit, remembered), (found, seconds)) in enumerate(zip(todo, results, strict=True), start=1):
            print(f"[{number}/{len(todo)}] {unit.path} ({seconds:.1f} s): {len(found)} finding(s)", flush=True)
            findings += found
            if not found:
                remembered.touch()
    return findings


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=default_root())
    parser.add_argument("--build", type=Path, default=default_root() / "build/tidy")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--analyzer", action="store_true", help="the static analyzer instead of the rest, src/ only")
    parser.add_argument("--no-cache", action="store_true", help="look at every file again")
    parser.add_argument("only", nargs="*", help="only files whose path contains one of these")
    arguments = parser.parse_args()
    finish("clang-tidy", check(arguments.root.resolve(), arguments.build.resolve(), arguments.only,
                               not arguments.no_cache, arguments.jobs, arguments.analyzer))  # fmt: skip
