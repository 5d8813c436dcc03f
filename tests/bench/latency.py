# SPDX-License-Identifier: Apache-2.0
"""From an exec to the alert's line on stdout, with the default rules and one of our own: one every 200 ms, and 100 a
second while another process storms. The time runs from just before the exec, in the new process, until a reader at the
other end of the pipe has the line."""

import contextlib
import subprocess
from collections.abc import Iterator

import alerts
import children
import rulesets
from bench import Bench, Data
from children import say
from measure import latencies
from monitor import RULES, Monitor, by_label
from workloads import Workloads


@contextlib.contextmanager
def storm(bench: Bench, kind: str) -> Iterator[None]:
    """Another process at full speed, for as long as this lasts."""
    matched = Workloads(bench.folder, 1).matched_file
    commands = {
        "": [],
        "opens": ["opens", "1000000000", "/etc/hostname", "0", "120"],
        "opens that rules care about": ["opens", "1000000000", matched, "0", "120"],
        "spawns": ["spawns", "1000000000", "/bin/true", "-", "0", "120"],
        "connects": ["connects", "1000000000"],
    }
    if not commands[kind]:
        yield
        return
    program, *arguments = commands[kind]
    process = children.start([bench.work / program, *arguments], stdout=subprocess.DEVNULL)
    try:
        yield
        if process.poll() is not None:
            raise children.Failed(f"the storm of {kind} ended early")
    finally:
        children.stop(process)


@contextlib.contextmanager
def alerting_monitor(bench: Bench, stamped: alerts.Stamped) -> Iterator[Monitor]:
    rules = [RULES, rulesets.mark(bench.folder / "mark.json")]
    with bench.monitor(rules=rules, stdout=stamped.pipe) as monitor:
        stamped.opened()
        monitor.settled()
        yield monitor


def triggered(bench: Bench, count: int, gap_ms: float, kind: str) -> Data:
    """So many execs that must alert: how many did, how late, and what was lost meanwhile."""
    say(f"{count} execs, one every {gap_ms:g} ms" + (f", beside a storm of {kind}" if kind else ""))
    with alerts.Stamped(bench) as stamped:
        with alerting_monitor(bench, stamped) as monitor:
            before = monitor.metrics()
            with storm(bench, kind):
                children.run([bench.work / "trigger", str(count), str(gap_ms), bench.work / rulesets.MARK],
                             patience_s=600)  # fmt: skip
            after = monitor.settled()
        arrived = stamped.alerts()
    return {"executed": count, "gap_ms": gap_ms, "storm": kind, "arrived": len(arrived),
            "lost": by_label(before, after, "bongsu_lost_records_total"),
            **latencies([alert.latency_ms for alert in arrived])}  # fmt: skip


def latency(bench: Bench) -> Data:
    runs = [triggered(bench, bench.pick(50, 1000), 200, "")]
    for kind in ("", "opens", "opens that rules care about", "spawns", "connects"):
        runs.append(triggered(bench, bench.pick(200, 1000), 10, kind))
    return {"runs": runs}
