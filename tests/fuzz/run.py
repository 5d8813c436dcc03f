#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzz targets, keeps what they find and says what they did: scripts/fuzz, once they are built.

What is found stays in tests/fuzz/corpus/TARGET/found-*, made as small as libFuzzer can; every run of the tests gives it
to the target again. Exit code 1 when something was found.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/fuzz/corpus"

# An input may not take longer. libFuzzer looks at the clock, which also runs while others have the processor: so what
# it calls slow is tried again, and the shortest of some tries counts.
SLOW_SECONDS = 1.0
TRIES = 3
HANGS_SECONDS = 20
MINIMISE_SECONDS = 60
RSS_LIMIT_MB = 1024
LOG_LINES_SHOWN = 40
# What the sanitizer keeps of freed memory is no memory of ours.
ASAN_OPTIONS = "quarantine_size_mb=64"


@dataclass
class Result:
    target: str
    seconds: float = 0
    processor_seconds: float = 0
    executions: int = 0
    per_second: int = 0
    corpus_files: int = 0
    new_files: int = 0
    peak_rss_mb: int = 0
    slowest_s: int = 0  # whole seconds, as libFuzzer tells
    found: list[str] = field(default_factory=list)
    broken: str = ""  # why it did not run as it should

    @property
    def good(self) -> bool:
        return not self.found and not self.broken


def statistic(log: str, name: str) -> int:
    match = re.search(rf"^stat::{name}: +(\d+)", log, re.MULTILINE)
    return int(match[1]) if match else 0


def fuzz_command(program: Path, *arguments: object) -> list[str]:
    return [str(program), f"-rss_limit_mb={RSS_LIMIT_MB}", f"-timeout={HANGS_SECONDS}", *map(str, arguments)]


def call(command: list[str], log: Path | None = None) -> tuple[int, float]:
    """The exit code, and the seconds of processor that it took."""
    with open(log or "/dev/null", "wb") as out:
        environment = {"ASAN_OPTIONS": ASAN_OPTIONS, "UBSAN_OPTIONS": "print_stacktrace=1", **os.environ}
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT, env=environment)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, used.ru_utime + used.ru_stime


def seconds_of(program: Path, case: Path) -> float:
    """Of one input alone; the start of the program counts for little."""
    begun = time.monotonic()
    call(fuzz_command(program, case))
    return time.monotonic() - begun


def is_slow(program: Path, case: Path, empty: Path) -> bool:
    start = min(seconds_of(program, empty) for _ in range(TRIES))
    return min(seconds_of(program, case) for _ in range(TRIES)) - start > SLOW_SECONDS


def keep(program: Path, case: Path, target: str) -> Path:
    """The input, made smaller where that can be done, beside the seeds."""
    small = case.with_name("small")
    if case.name.startswith(("crash-", "leak-")):
        call(fuzz_command(program, "-minimize_crash=1", f"-max_total_time={MINIMISE_SECONDS}",
                          f"-exact_artifact_path={small}", case))  # fmt: skip
    content = (small if small.exists() else case).read_bytes()
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"found-{case.name.split('-')[0]}-{hashlib.sha256(content).hexdigest()[:8]}"
    kept.write_bytes(content)
    return kept


def run(build: Path, target: str, seconds: int) -> Result:
    result = Result(target)
    program = build / f"{target}_fuzz"
    grown = build / "corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    log = build / "log" / f"{target}.log"
    log.parent.mkdir(exist_ok=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=build) as folder:
        artifacts = Path(folder)
        options = [f"-max_total_time={seconds}", "-print_final_stats=1", "-report_slow_units=1"]
        command = fuzz_command(program, *options, f"-artifact_prefix={artifacts}/", grown, CORPUS / target)
        status, processor_s = call(command, log)
        result.seconds = round(time.monotonic() - begun, 1)
        result.processor_seconds = round(processor_s, 1)
        text = log.read_text(errors="replace")
        empty = artifacts / "empty"
        empty.touch()
        for case in sorted(artifacts.glob("*-*")):
            if case.name.startswith("slow-unit-") and not is_slow(program, case, empty):
                continue
            result.found.append(str(keep(program, case, target).relative_to(ROOT)))
    result.executions = statistic(text, "number_of_executed_units")
    result.per_second = statistic(text, "average_exec_per_sec")
    result.new_files = statistic(text, "new_units_added")
    result.peak_rss_mb = statistic(text, "peak_rss_mb")
    result.slowest_s = statistic(text, "slowest_unit_time_sec")
    result.corpus_files = sum(1 for _ in grown.iterdir()) + sum(1 for _ in (CORPUS / target).iterdir())
    if status != 0 and not result.found:
        result.broken = f"ended with {status} and left no input"
    elif result.executions == 0:
        result.broken = "executed nothing"
    return result


def tell(build: Path, result: Result) -> None:
    print(f"  {result.target:<10} {result.executions:>10} executions in {result.seconds:.0f} s "
          f"({result.processor_seconds:.0f} s of processor), {result.per_second}/s, "
          f"corpus {result.corpus_files} ({result.new_files} new), peak {result.peak_rss_mb} MiB, "
          f"slowest {result.slowest_s} s", flush=True)  # fmt: skip
    if result.good:
        return
    log = build / "log" / f"{result.target}.log"
    for line in log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]:
        print(f"    {line}")
    if result.broken:
        print(f"FAILED {result.target}: {result.broken}; the log is {log}", flush=True)
    for found in result.found:
        again = shlex.join([str((build / f"{result.target}_fuzz").relative_to(ROOT)), found])
        print(f"FAILED {result.target}: an input was found; again: {again}", flush=True)


def write_junit(path: Path, results: list[Result]) -> None:
    suite = ElementTree.Element("testsuite", name="fuzz", tests=str(len(results)))
    for result in results:
        case = ElementTree.SubElement(suite, "testcase", name=f"fuzzing/{result.target}", time=str(result.seconds),
                                      status="run" if result.good else "fail")  # fmt: skip
        if not result.good:
            ElementTree.SubElement(case, "failure", message=result.broken or f"found {' '.join(result.found)}")
    ElementTree.ElementTree(suite).write(path, encoding="unicode")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--summary", type=Path, help="where to write what was done, as JSON")
    parser.add_argument("--junit", type=Path, help="the same as tests, for scripts/report.py")
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    known = sorted(path.name.removesuffix("_fuzz.cpp") for path in (ROOT / "tests/fuzz").glob("*_fuzz.cpp"))
    if unknown := [name for name in arguments.targets if name not in known]:
        parser.error(f"no target {' '.join(unknown)}: {' '.join(known)}")
    targets = arguments.targets or known

    results = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for result in pool.map(lambda target: run(build, target, arguments.seconds), targets):
            tell(build, result)
            results.append(result)
    if arguments.summary:
        summary = {"seconds": arguments.seconds, "executions": sum(result.executions for result in results),
                   "targets": [asdict(result) for result in results]}  # fmt: skip
        arguments.summary.write_text(json.dumps(summary, indent=2) + "\n")
    if arguments.junit:
        write_junit(arguments.junit, results)
    bad = sum(not result.good for result in results)
    print(f"{len(results) - bad} targets without a finding, {bad} with")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
