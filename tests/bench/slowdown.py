# SPDX-License-Identifier: Apache-2.0
"""How much longer everyday work takes: with the default rules, with rules that need no system calls, with an empty
program in place of the monitor, and with the peers."""

import contextlib
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import rulesets
from bench import Bench, Data
from measure import Attach, Block, against_itself, interleave, spread
from monitor import Monitor, by_label
from peers import empty_program, peers, versions
from workloads import Workload, Workloads

RING_LOSS = 'reason="ring_full"'


class Watched:
    """A monitor in an interleaved run, and what its own side cost meanwhile."""

    def __init__(self, monitor: Monitor, workloads: Workloads) -> None:
        self._monitor = monitor
        self._workloads = workloads
        self.agent_us: dict[str, float] = {}

    def during(self, work: Workload) -> float:
        before, self._workloads.operations = self._monitor.cpu_ns(), 0
        us = work.run()
        time.sleep(0.2)  # what is still in the rings is this workload's too
        if operations := self._workloads.operations:  # of our own programs only: they count them
            self.agent_us[work.name] = (self._monitor.cpu_ns() - before) / 1e3 / operations
        return us


class Runs:
    def __init__(self, bench: Bench, workloads: Workloads, chosen: list[Workload]) -> None:
        self._bench = bench
        self._workloads = workloads
        self._chosen = chosen
        self.agent: dict[str, dict[str, list[float]]] = {}
        self.lost: dict[str, list[dict[str, int]]] = {}

    def block(self, attached: Any) -> Block:
        return {work.name: attached.during(work) if isinstance(attached, Watched) else work.run()
                for work in self._chosen}  # fmt: skip

    @contextlib.contextmanager
    def monitor(self, name: str, **options: Any) -> Iterator[Watched]:
        with self._bench.monitor(**options) as monitor:
            watched, before = Watched(monitor, self._workloads), monitor.metrics()
            yield watched
            self.lost.setdefault(name, []).append(by_label(before, monitor.settled(), "bongsu_lost_records_total"))
        for work, us in watched.agent_us.items():
            self.agent.setdefault(name, {}).setdefault(work, []).append(us)


def rungs(monitor: Monitor) -> dict[str, int]:
    """event -> rung of its hook."""
    prefix = 'bongsu_hook_rung{event="'
    return {key.removeprefix(prefix).split('"')[0]: int(value) for key, value in monitor.metrics().items()
            if key.startswith(prefix)}  # fmt: skip


def _measure(bench: Bench, names: list[str], variants_of: Any, pairs: int) -> Data:
    workloads = Workloads(bench.folder, bench.pick(0.3, 1.0))
    try:
        usable = workloads.usable(names)
        runs = Runs(bench, workloads, list(usable.values()))
        ratios, blocks, refused = interleave(variants_of(runs), runs.block, pairs)
        return {
            "workloads": {work.name: work.title for work in usable.values()},
            "ratios": {name: by_work for name, by_work in ratios.items() if by_work},
            "against_itself": against_itself(blocks),
            "refused": refused,
            "agent_us": {name: {work: spread(us) for work, us in of.items()} for name, of in runs.agent.items()},
            "lost": runs.lost,
            "nothing_us": {name: spread([block["us"][name] for block in blocks if block["variant"] is None])
                           for name in usable},
            "blocks": blocks,
        }  # fmt: skip
    finally:
        workloads.close()


def slowdown(bench: Bench, names: list[str]) -> Data:
    with bench.monitor() as monitor:
        rung = rungs(monitor)
    without_calls = {event for event, number in rung.items() if number == 1} | {"exec", "fork", "exit"}
    reduced = rulesets.only_events(bench.program, bench.folder / "exec-rules", without_calls)

    def variants(runs: Runs) -> dict[str, Attach]:
        return {
            "default rules": partial(runs.monitor, "default rules"),
            "no rule on system calls": partial(runs.monitor, "no rule on system calls", rules=[reduced]),
            "an empty program": partial(empty_program, bench),
        }

    return _measure(bench, names, variants, bench.pairs) | {"rungs": rung}


def against_peers(bench: Bench, names: list[str]) -> Data:
    def variants(runs: Runs) -> dict[str, Attach]:
        return {"Bongsu, default rules": partial(runs.monitor, "Bongsu, default rules"), **peers(bench)}

    measured = _measure(bench, names, variants, max(bench.pairs // 2, 1))
    return measured | {"versions": versions()}


def ring_loss(data: Data, variant: str) -> int:
    return sum(count for run in data["lost"].get(variant, []) for label, count in run.items() if RING_LOSS in label)


def all_lost(data: Data, variant: str) -> int:
    return round(sum(count for run in data["lost"].get(variant, []) for count in run.values()))


