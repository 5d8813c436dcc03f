#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what ctest wrote (JUnit) and says what failed; the last line is "N passed, M failed, K skipped".

Exit code 0 only when nothing failed and at least one test ran. It is stricter than ctest in three things:
a kernel or e2e test that skips where it could have run has failed; a test that prints a skip but also a failure has
failed (ctest takes the skip); and no test at all is a failure.
"""

import argparse
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

# Tests of these kinds need root and a kernel with BTF, and nothing else: there, skipping is not an answer.
MUST_RUN_PREFIXES = ("kernel/", "e2e/", "cluster/", "thread/e2e/")
FAILURE_IN_OUTPUT = re.compile(r"\[  FAILED  \]|ERROR: \w+Sanitizer|runtime error: ")
SHOWN_LINES_PER_FAILURE = 80


@dataclass
class Outcome:
    name: str
    status: str  # passed, failed or skipped
    reason: str = ""
    output: str = ""


def capable() -> bool:
    return os.geteuid() == 0 and Path("/sys/kernel/btf/vmlinux").exists()


def judge(case: ElementTree.Element, can_run: bool) -> Outcome:
    name = case.get("name", "?")
    output = case.findtext("system-out") or ""
    # A test whose program is missing or could not be started comes as a failure or as "notrun" without the
    # SKIP_ message of a test that skipped itself.
    skipped = case.find("skipped")
    message = skipped.get("message", "") if skipped is not None else ""
    if case.find("failure") is not None or case.get("status") == "fail":
        element = case.find("failure")
        reason = (element.get("message") if element is not None else "") or "failed"
        return Outcome(name, "failed", reason, output)
    if case.get("status") == "disabled":
        return Outcome(name, "skipped", "disabled", output)
    if skipped is not None or case.get("status") != "run":
        if not message.startswith("SKIP_"):
            return Outcome(name, "failed", f"did not run: {message or case.get('status')}", output)
        if FAILURE_IN_OUTPUT.search(output):
            return Outcome(name, "failed", "failed and skipped at once", output)
        if can_run and name.startswith(MUST_RUN_PREFIXES):
            return Outcome(name, "failed", "skipped, although this is root on a kernel with BTF", output)
        return Outcome(name, "skipped", "skipped", output)
    return Outcome(name, "passed")


def read_run(junit: Path, ctest_status: int, can_run: bool) -> list[Outcome]:
    try:
        cases = list(ElementTree.parse(junit).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        return [Outcome("ctest", "failed", f"left no readable result: {error} (exit code {ctest_status})")]
    outcomes = [judge(case, can_run) for case in cases]
    if ctest_status != 0 and not any(outcome.status == "failed" for outcome in outcomes):
        outcomes.append(Outcome("ctest", "failed", f"exit code {ctest_status}, though no test failed"))
    return outcomes


def read_outcomes(junits: list[Path], ctest_statuses: list[int], can_run: bool) -> list[Outcome]:
    """Of all runs of ctest together: one of them may have had nothing to run."""
    outcomes = []
    for junit, ctest_status in zip(junits, ctest_statuses, strict=True):
        outcomes += read_run(junit, ctest_status, can_run)
    if not outcomes:
        return [Outcome("ctest", "failed", "no test ran")]
    if not any(outcome.status != "skipped" for outcome in outcomes):
        outcomes.append(Outcome("ctest", "failed", "every test skipped itself: nothing was tested"))
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--junit", type=Path, action="append", required=True, help="of one run of ctest (repeatable)")
    parser.add_argument("--ctest-status", type=int, action="append", required=True, help="of the same run")
    parser.add_argument("--log", type=Path, required=True, help="where ctest's output is, named in the failures")
    arguments = parser.parse_args()

    outcomes = read_outcomes(arguments.junit, arguments.ctest_status, capable())
    by_status = {
        status: [outcome for outcome in outcomes if outcome.status == status]
        for status in ("passed", "failed", "skipped")
    }
    for outcome in by_status["skipped"]:
        print(f"SKIPPED {outcome.name}: {outcome.reason}")
    for outcome in by_status["failed"]:
        lines = outcome.output.strip().splitlines()
        for line in lines[-SHOWN_LINES_PER_FAILURE:]:
            print(f"    {line}")
        print(f"FAILED {outcome.name}: {outcome.reason}")
    if by_status["failed"]:
        print(f"the whole output is in {arguments.log}; failed: {' '.join(o.name for o in by_status['failed'])}")
    print(f"{len(by_status['passed'])} passed, {len(by_status['failed'])} failed, {len(by_status['skipped'])} skipped")
    return 1 if by_status["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
