# SPDX-License-Identifier: Apache-2.0
"""Runs the kernel tests on Debian's kernels in qemu (scripts/vm) and says which event can be told on which kernel, by
which rung of its ladder. A rung that the tests do not take by themselves is asked for in a second run, of the tests
that stand for it. The exit code is 1 when a cell is red that scripts/matrix/known.json does not explain.

The short form runs the tests that stand for exec, fork, exit, containers, files, network, privilege and the kernel, on
each kernel's best rung; it is for CI. The long form runs everything."""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ladder import read_ladders
from machine import KERNELS, Machine, fetch
from results import from_json, known_failures, to_json, write_between, write_junit, write_skipped
from table import Column, as_markdown, as_text, best, fill, red_cells, short_name

ROOT = Path(__file__).resolve().parents[2]

# The short form: what stands for each event; a real container by its runtime for those that one goes through.
SHORT = {
    **dict.fromkeys(
        ("exec", "exit", "container_start", "container_stop", "open", "unlink", "socket", "setuid"),
        "*/RuntimeTest.WhatAContainerDoesIsToldOfIt/ring",
    ),
    "fork": "*/ForkTest.TellsTheWholeChild/ring",
    "rename": "*/PathPairTest.Rename/ring",
    "chmod": "*/PathTest.Chmod/ring",
    "write": "*/IoTest.WriteByEachCall/ring",
    "connect": "*/ConnectTest.Tcp/ring",
    "accept": "*/SocketTest.AcceptComesFromThePeer/ring",
    "capset": "*/CapsetTest.DownAndUp/ring",
    "unshare": "*/NamespaceTest.Unshare/ring",
    "ptrace": "*/PtraceTest.AttachAndChange/ring",
    "bpf": "*/BpfCallTest.ProgramsAndMaps/ring",
    "perf_event_open": "*/KernelReachTest.PerfEvents/ring",
    "module_load": "*/ModuleTest.*/ring",
}
EXAMPLES = """
examples:
  sudo scripts/kernel-matrix --short                       # a few minutes
  sudo scripts/kernel-matrix --json build/matrix.json      # an hour, with build/vm, which is made first
  sudo scripts/kernel-matrix --kernel 5.10 --filter '*OpenTest*'
  scripts/kernel-matrix --from build/matrix.json --update docs/kernels.md
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/kernel-matrix", description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    add = parser.add_argument
    add("--short", action="store_true", help="only what stands for the chief events, on the best rung")
    add("--kernel", action="append", metavar="V", help=f"a series, a release or newest (default {' '.join(KERNELS)})")
    add("--build", type=Path, metavar="DIR", help="a build with kernel_tests (default build/vm, which is made first)")
    add("--filter", metavar="F", help="only these tests (as --gtest_filter), on all rungs")
    add("--memory", type=int, default=2048, metavar="MIB", help="of each VM (default 2048)")
    add("--timeout", type=int, default=7200, metavar="S", help="of each start of a VM (default 7200)")
    add("--vms", type=int, default=2, metavar="N", help="how many at a time (default 2)")
    add("--markdown", action="store_true", help="the table for documents")
    add("--update", type=Path, metavar="FILE", help="write the table into the document, between its markers")
    add("--json", type=Path, metavar="FILE", help="write what each test did")
    add("--junit", type=Path, metavar="FILE", help="write a test case for each event and kernel")
    add("--from", type=Path, action="append", dest="sources", metavar="FILE",
        help="start no VM, take what --json wrote; of several files the later ones count (repeatable)")  # fmt: skip
    return parser.parse_args()


def run_kernel(machine: Machine, options: argparse.Namespace) -> Column:
    """The suite as it is; then, with all calls seen by rung 3, what came by rung 2."""
    chosen = options.filter or (":".join(dict.fromkeys(SHORT.values())) if options.short else "*")
    tests, trouble = machine.run("auto", chosen)
    again = [test.name for test in tests if 2 in test.rungs.values() and "/perf" not in test.name]
    if again and not options.short:
        more, more_trouble = machine.run("syscall", ":".join(again))
        tests, trouble = tests + more, trouble or more_trouble
    return Column(machine.release, tests, trouble)


def make_columns(options: argparse.Namespace) -> list[Column]:
    build = (options.build or ROOT / "build/vm").resolve()
    releases = fetch(ROOT, options.kernel or list(KERNELS))  # before the build: one may not exist
    if not options.build:
        make_tests(build)
    if not (build / "kernel_tests").exists():
        sys.exit(f"kernel-matrix: {build}/kernel_tests is not there: build the target tests_kernel")
    machines = [Machine(ROOT, release, build, options.memory, options.timeout) for release in releases]
    with ThreadPoolExecutor(options.vms) as pool:
        return list(pool.map(lambda machine: run_kernel(machine, options), machines))


def make_tests(build: Path) -> None:
    print(f"  building the kernel tests in {build} ...", file=sys.stderr)
    steps = [] if (build / "build.ninja").exists() else [
        ["cmake", "-S", str(ROOT), "--preset", "release", "-B", str(build), "-DBONGSU_TESTS=ON"]]  # fmt: skip
    for step in [*steps, ["ninja", "-C", str(build), "tests_kernel"]]:
        ran = subprocess.run(step, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{ran.stdout[-4000:]}{ran.stderr}\nkernel-matrix: {' '.join(step)} failed")


def say_failures(columns: list[Column]) -> None:
    for column in columns:
        for test in column.tests:
            if test.state in ("failed", "lost") and test.name not in column.known:
                print(f"\n{column.release}: {test.name} {test.state} (hooks {test.hooks}):", file=sys.stderr)
                print("\n".join(f"    {line}" for line in test.output), file=sys.stderr)


def main() -> int:
    options = arguments()
    ladders = read_ladders(ROOT)
    if not options.sources and os.geteuid() != 0:
        print("kernel-matrix: must be root: it shares / with the VMs", file=sys.stderr)
        if options.junit:  # as tests do that need root
            write_skipped(options.junit)
        return 0 if options.junit else 2
    columns = from_json(options.sources) if options.sources else make_columns(options)
    if options.json:
        options.json.write_text(to_json(columns))
    stale: list[str] = []
    red = 0
    for column in columns:
        known = known_failures(Path(__file__).parent / "known.json", column.series)
        fill(column, ladders, known, whole=not options.short and not options.filter)
        if options.short:
            for event in SHORT:
                cell = best(column, event, ladders[event])
                if cell.state != "ok":
                    cell.state, cell.why = "red", cell.why or column.trouble or "no test stood for it"
        passed = {short_name(test.name) for test in column.tests if test.state == "passed"}
        failed = {short_name(name) for name in column.known}
        stale += [f"{column.series}: {name} passes now: take it out of known.json" for name in known
                  if name in passed - failed]  # fmt: skip
        red += len(red_cells(column))
    say_failures(columns)
    if options.junit:
        write_junit(options.junit, columns, ladders, stale)
    if options.update:
        write_between(options.update, as_markdown(columns, ladders))
    print(as_markdown(columns, ladders) if options.markdown else as_text(columns, ladders), end="")
    for line in [*stale, *([f"{red} cells are red"] if red else [])]:
        print(f"kernel-matrix: {line}", file=sys.stderr)
    return 1 if stale or red else 0


if __name__ == "__main__":
    sys.exit(main())
