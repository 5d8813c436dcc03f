# SPDX-License-Identifier: Apache-2.0
"""How many events a second each ring takes before the first is lost, what is lost at ten times that, and what the share
of a container does to the same flood."""

import children
import rulesets
from bench import Bench, Data
from children import say
from monitor import by_label, total
from workloads import Workloads

# Producers of each ring: bulk takes what a process can cause at will, lifecycle what identity lives on.
RINGS = {"bulk": "open", "lifecycle": "fork and exit"}
RATES = (5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000)
UNBOUNDED = 0  # as fast as it goes


def _produce(bench: Bench, ring: str, rate: float, seconds: float) -> Data:
    path = str(Workloads(bench.folder, 1).matched_file)
    command = {
        "bulk": ["opens", "1000000000", path, str(rate), str(seconds)],
        "lifecycle": ["forks", "1000000000", str(rate), str(seconds)],
    }[ring]
    return children.run_json([bench.work / command[0], *command[1:]])


def _run(bench: Bench, ring: str, rate: float, seconds: float, limit: int) -> Data:
    # An open of this path meets the rule's first condition, and its second tells that it is none.
    rules = rulesets.write(
        bench.folder / "rates.json",
        rulesets.rule("bench-rates", "open",
                      {"file.path": {"suffix": "/.aws/credentials"}, "process.args": {"contains": "nobody"}}),
        rulesets.rule("bench-exits", "exit", {"process.name": "nobody", "process.args": {"contains": "nobody"}}),
    )  # fmt: skip
    with bench.monitor(rules=[rules], config={"sensor": {"events_per_second": limit}}) as monitor:
        before, cpu = monitor.settled(), monitor.cpu_ns()
        done = _produce(bench, ring, rate, seconds)
        after = monitor.settled()
        cpu = monitor.cpu_ns() - cpu
    events = ("open",) if ring == "bulk" else ("fork", "exit")
    lost = by_label(before, after, "bongsu_lost_records_total")
    records = sum(total(after, "bongsu_records_total", event=event) - total(before, "bongsu_records_total", event=event)
                  for event in events)  # fmt: skip
    return {"asked": rate * len(events), "made": done["n"] / done["seconds"] * len(events), "records": records,
            "seconds": done["seconds"], "agent_us": cpu / 1e3 / records if records else None, "lost": lost,
            "ring_full": sum(count for label, count in lost.items() if "ring_full" in label)}  # fmt: skip


def rates(bench: Bench) -> Data:
    seconds = bench.pick(1.5, 3)
    data: Data = {"rings": {}}
    for ring in RINGS:
        runs = []
        for rate in (*RATES, UNBOUNDED):
            say(f"{ring}, {RINGS[ring]}: {rate or 'as many'} a second")
            run = _run(bench, ring, rate, seconds, 0)
            runs.append(run)
            # Nothing above what one producer can make is asked for again.
            if rate and run["made"] < 0.8 * rate * (2 if ring == "lifecycle" else 1):
                runs.append(_run(bench, ring, UNBOUNDED, seconds, 0))
                break
            if run["ring_full"] and rate:
                say(f"{ring}: the first loss at {run['made']:.0f}/s; now ten times that")
                runs.append(_run(bench, ring, rate * 10, seconds, 0))
                break
        data["rings"][ring] = {"events": RINGS[ring], "runs": runs}
    say("bulk: as many as it goes, within a share of 20,000/s")
    data["shared"] = _run(bench, "bulk", UNBOUNDED, seconds + 4, 20_000)
    return data
