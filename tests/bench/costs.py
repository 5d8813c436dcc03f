# SPDX-License-Identifier: Apache-2.0
"""Where the time goes in the kernel: what each BPF program of the monitor runs and takes under each workload, by the
kernel's own statistics. They cost some 20 ns a run themselves, so ratios are measured without them (slowdown.py)."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import children
from bench import Bench, Data
from monitor import Monitor, by_label, grown
from workloads import Workloads

SWITCH = Path("/proc/sys/kernel/bpf_stats_enabled")
WORKLOADS = ("getppid", "pipe", "open", "open-matched", "connect", "spawn")


@contextlib.contextmanager
def statistics_on() -> Iterator[None]:
    before = SWITCH.read_text()
    SWITCH.write_text("1\n")
    try:
        yield
    finally:
        SWITCH.write_text(before)


def _programs(monitor: Monitor) -> dict[str, tuple[int, int]]:
    """name -> runs, nanoseconds."""
    ids = monitor.program_ids()
    told: dict[str, tuple[int, int]] = {}
    for program in children.run_json(["bpftool", "-j", "prog", "show"]):
        if program["id"] in ids and "name" in program:
            runs, ns = told.get(program["name"], (0, 0))
            told[program["name"]] = runs + program.get("run_cnt", 0), ns + program.get("run_time_ns", 0)
    return told


def costs(bench: Bench) -> Data:
    workloads = Workloads(bench.folder, bench.pick(0.2, 1.0))
    data: Data = {"workloads": {}}
    with statistics_on(), bench.monitor() as monitor:
        for name in WORKLOADS:
            workload = workloads.all[name]
            before, programs, cpu = monitor.settled(), _programs(monitor), monitor.cpu_ns()
            us = workload.run()
            # At once: the host's other work is not this one's. What waits in the rings costs the monitor a moment more.
            now = _programs(monitor)
            time.sleep(0.2)
            cpu = monitor.cpu_ns() - cpu
            after = monitor.settled()
            ran = {}
            for program, (runs, ns) in now.items():
                more_runs, more_ns = runs - programs.get(program, (0, 0))[0], ns - programs.get(program, (0, 0))[1]
                if more_runs > 0:
                    ran[program] = {"runs": more_runs, "ns": more_ns}
            data["workloads"][name] = {
                "title": workload.title,
                "us": us,
                "operations": workloads.operations,
                "programs": ran,
                "records": by_label(before, after, "bongsu_records_total"),
                "judged": grown(before, after, "bongsu_judged_events_total"),
                "lost": by_label(before, after, "bongsu_lost_records_total"),
                "agent_ns": cpu,
            }
    return data
