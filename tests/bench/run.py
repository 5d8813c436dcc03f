# SPDX-License-Identifier: Apache-2.0
"""The benchmark: runs its parts, keeps their figures as JSON and writes the tables. scripts/bench builds what it needs
and calls it."""

import argparse
import datetime
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "e2e"))  # support: real containers

import children
import machine
import report
import workloads
from bench import Bench, Part
from children import say
from costs import costs
from engine import engine
from floods import floods
from latency import latency
from memory import idle, memory
from rates import rates
from rings import rings
from slowdown import against_peers, slowdown
from startup import startup

WORKLOADS = ["getppid", "pipe", "open", "open-matched", "connect", "spawn", "compile", "redis", "nginx"]
PARTS: dict[str, Part] = {
    "slowdown": lambda bench: slowdown(bench, WORKLOADS),
    "costs": costs,
    "idle": idle,
    "startup": startup,
    "latency": latency,
    "floods": floods,
    "rates": rates,
    "memory": memory,
    "engine": engine,
    "rings": rings,
    "peers": lambda bench: against_peers(bench, WORKLOADS),
}


def chosen(only: str) -> dict[str, Part]:
    """Parts by their names; names of workloads make a slow-down of these alone."""
    if not only:
        return PARTS
    names = only.split(",")
    if unknown := [name for name in names if name not in PARTS and name not in WORKLOADS]:
        raise SystemExit(f"bench: unknown name {unknown[0]}; there are: {', '.join([*PARTS, *WORKLOADS])}")
    parts = {name: part for name, part in PARTS.items() if name in names}
    works = [name for name in WORKLOADS if name in names]
    if works and "slowdown" not in parts:
        parts = {"slowdown": lambda bench: slowdown(bench, works), **parts}
    return parts


def as_text(told: Any) -> str:
    """JSON with each list of numbers on a line of its own, so that two runs can be compared by eye."""
    text = json.dumps(told, indent=1)
    return re.sub(r"\[[\s0-9.,e-]+\]", lambda found: re.sub(r"\s+", " ", found[0]), text) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monitor", type=Path)
    parser.add_argument("--tools", type=Path, help="the folder of the C++ benchmarks")
    parser.add_argument("--out", type=Path, required=True, help="for NAME.json and plots")
    parser.add_argument("--document", type=Path, required=True, help="whose tables are written anew")
    parser.add_argument("--only", default="")
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tables", action="store_true", help="measure nothing")
    options = parser.parse_args()
    failed = [] if options.tables else measure(options)
    report.write(options.out, options.document)
    machine.give_back(options.out)
    return 1 if failed else 0


def measure(options: argparse.Namespace) -> list[str]:
    """The parts that could not be measured."""
    parts = chosen(options.only)
    options.out.mkdir(parents=True, exist_ok=True)
    children.end_with_us()
    folder = Path(tempfile.mkdtemp(prefix="bongsu-bench-"))
    failed = []
    try:
        folder.chmod(0o755)  # nginx serves from it as another user
        bench = Bench(program=options.monitor.resolve(), folder=folder, work=workloads.build(folder),
                      tools=options.tools, quick=options.quick,
                      pairs=options.pairs or (2 if options.quick else 7))  # fmt: skip
        about = machine.describe(bench.program)
        for name, part in parts.items():
            say(f"{name} ...")
            began = time.monotonic()
            try:
                data = part(bench)
            except Exception as error:  # of whatever kind: it is this part's, and others are still to be measured
                say(f"{name} could not be measured: {type(error).__name__}: {error}")
                failed.append(name)
                continue
            taken = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            told = {"part": name, "taken": taken, "quick": options.quick,
                    "seconds": round(time.monotonic() - began, 1), "machine": about, "data": data}  # fmt: skip
            (options.out / f"{name}.json").write_text(as_text(told))
            say(f"{name}: {time.monotonic() - began:.0f} s")
    finally:
        children.end_all()
        shutil.rmtree(folder, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
