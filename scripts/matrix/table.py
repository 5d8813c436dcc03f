# SPDX-License-Identifier: Apache-2.0
"""From the tests of each kernel to the table event x kernel x rung, for a terminal and for docs/kernels.md.

A cell is ok when tests that stand for the event came by that rung and passed; red when one failed, or when none stood
for it though nothing refused; "-" when the kernel refused the rung, with the sensor's own reason.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from ladder import rung_of
from suite import Case

REST = "all else"  # the row of tests that stand for no event


@dataclass
class Cell:
    state: str  # ok, red, missing, or unseen: this run did not look
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    why: str = ""


@dataclass
class Column:
    """One kernel."""

    release: str
    tests: list[Case]
    trouble: str = ""  # why not all tests ran
    cells: dict[tuple[str, int], Cell] = field(default_factory=dict)
    rest: Cell = field(default_factory=lambda: Cell("ok"))
    known: dict[str, str] = field(default_factory=dict)  # test that failed -> why that is known

    @property
    def series(self) -> str:
        return ".".join(self.release.split(".")[:2])


def short_name(test: str) -> str:
    """Without the prefix and the transport, as known.json has it."""
    parts = test.split("/")
    return parts[1] if len(parts) > 1 else test


def _refusals(tests: list[Case]) -> dict[tuple[str, int], str]:
    reasons: dict[tuple[str, int], str] = {}
    for test in tests:
        for event, text in test.refused.items():
            for part in text.split("; "):
                attach, separator, why = part.partition(": ")
                if separator and attach.count("/") == 1 and "not asked for" not in why:
                    reasons[(event, rung_of(attach))] = why
    return reasons


def fill(column: Column, ladders: dict[str, list[int]], known: dict[str, str], whole: bool) -> None:
    """`known`: short name -> why it fails on this kernel; `whole`: every event was to be tried on every rung."""
    passed: dict[tuple[str, int], int] = defaultdict(int)
    failed: dict[tuple[str, int], list[str]] = defaultdict(list)
    rest = column.rest
    for test in column.tests:
        if test.state in ("failed", "lost"):
            if short_name(test.name) in known:
                column.known[test.name] = known[short_name(test.name)]
                continue
            if not test.rungs:
                rest.failed.append(test.name)
            for event, rung in test.rungs.items():
                failed[(event, rung or ladders[event][0])].append(test.name)
        elif test.state == "passed":
            rest.passed += not test.rungs
            for event in test.found:
                passed[(event, test.rungs[event])] += 1
    reasons = _refusals(column.tests)
    for event, rungs in ladders.items():
        for rung in rungs:
            key = (event, rung)
            cell = Cell("ok", passed[key], failed[key])
            if cell.failed:
                cell.state = "red"
            elif not cell.passed and key in reasons:
                cell.state, cell.why = "missing", reasons[key]
            elif not cell.passed:
                cell.state, cell.why = ("red", column.trouble or "no test stood for it") if whole else ("unseen", "")
            column.cells[key] = cell
    if rest.failed or column.trouble:
        rest.state, rest.why = "red", column.trouble


def best(column: Column, event: str, rungs: list[int]) -> Cell:
    """The cell of the best rung that this kernel gives."""
    cells = [column.cells[(event, rung)] for rung in rungs]
    return next((cell for cell in cells if cell.state in ("ok", "red")), cells[-1])


def red_cells(column: Column) -> list[tuple[str, Cell]]:
    found = [(f"{event}, rung {rung}", cell) for (event, rung), cell in column.cells.items() if cell.state == "red"]
    return found + ([(REST, column.rest)] if column.rest.state == "red" else [])


def _texts(column: Column, event: str, rungs: list[int]) -> str:
    words = {"ok": "", "red": " RED", "missing": " -"}
    shown = [(rung, column.cells[(event, rung)].state) for rung in rungs]
    return ", ".join(f"{rung}{words[state]}" for rung, state in shown if state != "unseen")


def rows(columns: list[Column], ladders: dict[str, list[int]]) -> list[list[str]]:
    table = [["event", *(column.series for column in columns)]]
    for event, rungs in ladders.items():
        row = [_texts(column, event, rungs) for column in columns]
        if any(row):
            table.append([event, *row])
    rest = [f"{c.rest.passed} ok" + (f", {len(c.rest.failed)} RED" if c.rest.failed else "") for c in columns]
    return [*table, [REST, *rest]]


def _by_reason(columns: list[Column]) -> dict[tuple[str, str], list[str]]:
    """(reason, what) -> kernels, for each cell that is missing or red and each failure that is known."""
    notes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for column in columns:
        refused: dict[str, list[str]] = defaultdict(list)
        for (event, rung), cell in column.cells.items():
            if cell.state == "missing":
                refused[f"rung {rung}: {cell.why}"].append(event)
        for reason, events in refused.items():
            few = events if len(events) < 5 else [f"{len(events)} events"]
            notes[(f"-, {reason}", ", ".join(few))].append(column.series)
        red: dict[str, list[str]] = defaultdict(list)
        for where, cell in red_cells(column):
            tests = ", ".join(sorted({short_name(name) for name in cell.failed}))
            red[tests or cell.why].append(where)
        for reason, places in red.items():
            few = places if len(places) < 5 else [f"{len(places)} cells"]
            notes[(f"RED: {reason}", "; ".join(few))].append(column.series)
        for name, why in column.known.items():
            notes[(why, f"{short_name(name)} fails")].append(column.series)
        for test in column.tests:
            if test.state == "skipped":
                why = " ".join(line for line in test.output if ": Skipped" not in line) or "no reason given"
                notes[(why, f"{short_name(test.name)} not run")].append(column.series)
    return notes


def notes(columns: list[Column]) -> list[str]:
    """One line for each red or missing cell, those alike together."""
    return [f"{', '.join(dict.fromkeys(kernels))}: {what}: {reason}"
            for (reason, what), kernels in _by_reason(columns).items()]  # fmt: skip


def as_text(columns: list[Column], ladders: dict[str, list[int]]) -> str:
    table = rows(columns, ladders)
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([*lines, "", *notes(columns)]).rstrip() + "\n"


def _wrapped(line: str, width: int = 120) -> list[str]:
    lines, current = [], "-"
    for word in line.split():
        if len(current) + 1 + len(word) > width:
            lines.append(current)
            current = "  " + word
        else:
            current += " " + word
    return [*lines, current]


def as_markdown(columns: list[Column], ladders: dict[str, list[int]]) -> str:
    head, *body = rows(columns, ladders)
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join([f'`{row[0]}`' if row[0] != REST else REST, *row[1:]])} |" for row in body]
    listed = [part for note in notes(columns) for part in _wrapped(note)]
    releases = ", ".join(column.release for column in columns)
    return "\n".join([f"Releases: {releases}.", "", *lines, *([""] if listed else []), *listed]) + "\n"
