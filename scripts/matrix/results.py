# SPDX-License-Identifier: Apache-2.0
"""What is kept of a run: JSON to make tables of later, JUnit for scripts/report.py, the table in a document; and the
failures that are known."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from suite import Case
from table import Column, best, short_name

BEGIN, END = "<!-- kernel-matrix: begin -->", "<!-- kernel-matrix: end -->"


def known_failures(path: Path, series: str) -> dict[str, str]:
    """Of this kernel: the test's short name -> why. The file: {"5.10": {"Suite.Test": "why"}}."""
    return json.loads(path.read_text()).get(series, {})


def to_json(columns: list[Column]) -> str:
    kernels = {c.release: {"trouble": c.trouble, "tests": [test.to_json() for test in c.tests]} for c in columns}
    return json.dumps(kernels, indent=1) + "\n"


def from_json(paths: list[Path]) -> list[Column]:
    """A test that several files have counts as the last one has it."""
    columns: dict[str, Column] = {}
    for path in paths:
        for release, kernel in json.loads(path.read_text()).items():
            column = columns.setdefault(release, Column(release, []))
            again = [Case(**test) for test in kernel["tests"]]
            names = {(test.name, test.hooks) for test in again}
            column.tests = [test for test in column.tests if (test.name, test.hooks) not in names] + again
            column.trouble = kernel["trouble"]
    return sorted(columns.values(), key=lambda c: [int(part) for part in c.series.split(".")])


def write_junit(path: Path, columns: list[Column], ladders: dict[str, list[int]], stale: list[str]) -> None:
    suite = ElementTree.Element("testsuite", name="matrix")

    def case(name: str, fault: str) -> None:
        element = ElementTree.SubElement(suite, "testcase", name=name, status="fail" if fault else "run")
        if fault:
            ElementTree.SubElement(element, "failure", message=fault)

    for column in columns:
        outputs = {test.name: test.output for test in column.tests}
        for event, rungs in ladders.items():
            cell = best(column, event, rungs)
            if cell.state in ("ok", "red"):
                shown = [line for name in cell.failed[:1] for line in outputs.get(name, [])]
                fault = " ".join([cell.why, *map(short_name, cell.failed), *shown])[:2000]
                case(f"matrix/{column.series}/{event}", fault if cell.state == "red" else "")
        rest = column.rest
        case(f"matrix/{column.series}/rest", " ".join([rest.why, *rest.failed]).strip() if rest.state == "red" else "")
    for number, line in enumerate(stale, start=1):
        case(f"matrix/known/{number}", line)
    ElementTree.ElementTree(suite).write(path, encoding="unicode")


def write_skipped(path: Path) -> None:
    """As ctest tells a test that skipped itself."""
    suite = ElementTree.Element("testsuite", name="matrix")
    case = ElementTree.SubElement(suite, "testcase", name="matrix", status="notrun")
    ElementTree.SubElement(case, "skipped", message="SKIP_RETURN_CODE")
    ElementTree.ElementTree(suite).write(path, encoding="unicode")


def write_between(path: Path, table: str) -> None:
    text = path.read_text()
    if BEGIN not in text or END not in text:
        sys.exit(f"kernel-matrix: {path} has no {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    path.write_text(f"{before}{BEGIN}\n{table}{rest[rest.index(END):]}")
