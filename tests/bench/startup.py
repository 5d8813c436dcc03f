# SPDX-License-Identifier: Apache-2.0
"""From the start of the program to the first event that it judges: a program that alerts is executed every 2 ms."""

import time
from subprocess import DEVNULL

import alerts
import children
import rulesets
from bench import Bench, Data
from measure import spread
from monitor import RULES


def startup(bench: Bench) -> Data:
    judged, delivered, ready = [], [], []
    rules = [RULES, rulesets.mark(bench.folder / "mark.json")]
    for _ in range(bench.pick(3, 7)):
        with alerts.Stamped(bench) as lines:
            trigger = children.start([bench.work / "trigger", "30000", "2", bench.work / rulesets.MARK, "60"],
                                     stdout=DEVNULL)  # fmt: skip
            began_ns = time.time_ns()
            monitor = bench.monitor(rules=rules, stdout=lines.pipe, wait=False)
            lines.opened()
            monitor.wait_ready()
            ready.append((time.time_ns() - began_ns) / 1e6)
            children.until(lines.alerts, "an alert of the trigger")
            children.stop(trigger)
            monitor.stop()
        first = min(lines.alerts(), key=lambda alert: alert.triggered_ns)
        judged.append((first.triggered_ns - began_ns) / 1e6)
        delivered.append((min(alert.read_ns for alert in lines.alerts()) - began_ns) / 1e6)
    return {"first_judged_ms": spread(judged), "first_line_ms": spread(delivered), "says_ready_ms": spread(ready)}

