# SPDX-License-Identifier: Apache-2.0
"""What one process cannot take from another: 200 execs that must alert beside a flood, the file events of one container
beside a flood in another, and execs around a reload of the rules."""

import json
import signal
import time
from subprocess import PIPE

import alerts
import children
import rulesets
from bench import Bench, Data
from latency import alerting_monitor, triggered
from measure import latencies
from monitor import by_label
from support.container import ContainerHost


def beside_floods(bench: Bench) -> list[Data]:
    kinds = ("opens", "opens that rules care about")
    return [triggered(bench, 200, 10, kind) for kind in kinds for _ in range(bench.pick(1, 3))]


def victim_container(bench: Bench) -> Data:
    """Two real containers: one opens a file 1,000 times a second, each time an alert; the other opens one that a rule
    has to look at as fast as it can, far beyond its share."""
    seconds = bench.pick(3, 10)
    rules = rulesets.write(
        bench.folder / "victim.json",
        rulesets.rule("bench-victim", "open", {"file.path": "/srv/pipes"}),
        # By its path every open of the flood reaches the rules; by the rest none of them alerts.
        rulesets.rule("bench-flood", "open", {"file.path": "/srv/opens", "process.args": {"contains": "nobody"}}),
    )
    programs = [bench.work / name for name in ("opens", "pipes")]
    host = ContainerHost(bench.folder / f"containers-{time.monotonic_ns()}", "runc", programs)
    config = {"containers": {"bundle_directories": [str(host.bundles)]}}
    try:
        with alerts.Stamped(bench) as stamped:
            with bench.monitor(rules=[rules], config=config, stdout=stamped.pipe) as monitor:
                stamped.opened()
                before = monitor.settled()
                flooder, victim = host.new(), host.new()
                flood = host.start(flooder, ["/srv/opens", "1000000000", "/srv/opens", "0", str(seconds + 2)])
                time.sleep(1)  # the flood has used up what it may tell at once
                host.run(victim, ["/srv/opens", str(seconds * 1000), "/srv/pipes", "1000", str(seconds + 60)])
                opened = json.loads((host.bundles / victim.id / "output").read_text())["n"]
                flood.wait(60)
                flooded = json.loads((host.bundles / flooder.id / "output").read_text())["n"]
                after = monitor.settled()
            arrived = stamped.count('"bench-victim"')
            of_victim = [line for line in stamped.lines() if '"agent-flood"' in line and victim.id in line]
    finally:
        host.close()
    return {"opened": opened, "arrived": arrived, "flood_opens": flooded, "flood_seconds": seconds + 2,
            "flood_alerts_of_the_victim": len(of_victim), "lost": by_label(before, after, "bongsu_lost_records_total"),
            "records": by_label(before, after, "bongsu_records_total")}  # fmt: skip


def around_reload(bench: Bench) -> Data:
    """A storm of execs that must all alert, while SIGHUP has the rules read anew again and again."""
    count, reloads = bench.pick(1_000, 4_000), bench.pick(3, 8)
    with alerts.Stamped(bench) as stamped:
        with alerting_monitor(bench, stamped) as monitor:
            before = monitor.metrics()
            rate = 250  # as fast as alerts of 3 KB can be read, with room
            storm = children.start([bench.work / "trigger", str(count), str(1000 / rate), bench.work / rulesets.MARK],
                                   stdout=PIPE, text=True)  # fmt: skip
            for _ in range(reloads):
                time.sleep(count / rate / (reloads + 1))
                monitor.process.send_signal(signal.SIGHUP)
            executed = json.loads(children.finish(storm, 120))["n"]
            after = monitor.settled()
        arrived = stamped.alerts()
    taken = by_label(before, after, "bongsu_rules_reloads_total").get('outcome="taken"', 0)
    return {"executed": executed, "arrived": len(arrived), "reloads": taken,
            "lost": by_label(before, after, "bongsu_lost_records_total"),
            **latencies([alert.latency_ms for alert in arrived])}  # fmt: skip


def floods(bench: Bench) -> Data:
    return {"beside": beside_floods(bench), "victim": victim_container(bench), "reload": around_reload(bench)}
