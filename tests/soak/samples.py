# SPDX-License-Identifier: Apache-2.0
"""What the monitor takes over time, and whether it is flat.

A value is flat when the median of the last third of the samples is not above that of the second third, and a line
through these two thirds does not rise, each by more than the value is allowed to. The first third is for warming up:
tables hold what has ended for up to a minute, and the rings' pages are counted once they have been written.
"""

import itertools
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from monitor import Monitor, total

MIB = 1 << 20


@dataclass(frozen=True)
class Value:
    """One thing that is sampled."""

    name: str
    unit: str = ""
    scale: float = 1
    share: float | None = None  # of its own median that it may grow by; none: told, and not judged
    least: float = 0  # but this much at least


VALUES = (
    Value("resident memory", "MiB", MIB, share=0.03, least=2 * MIB),
    Value("of it the heap", "MiB", MIB, share=0.03, least=2 * MIB),
    Value("descriptors", share=0, least=2),
    Value("threads", share=0, least=1),
    Value("processes known"),
    Value("containers known"),
    Value("cgroups known"),
    Value("rule state", "KiB", 1024),
    Value("throttle windows"),
    Value("alerts that wait"),
    Value("spool", "KiB", 1024),
)
TABLES = {"processes known": "processes", "containers known": "containers", "cgroups known": "cgroups"}
FEWEST = 12  # samples that thirds are made of


def sample(monitor: Monitor, metrics: dict[str, float]) -> dict[str, float]:
    memory = monitor.memory_kib()
    process = Path(f"/proc/{monitor.pid}")
    told = {
        "resident memory": memory["VmRSS"] * 1024,
        "of it the heap": memory["RssAnon"] * 1024,
        "descriptors": len(list((process / "fd").iterdir())),
        "threads": len(list((process / "task").iterdir())),
        "rule state": total(metrics, "bongsu_rule_state_bytes"),
        "throttle windows": total(metrics, "bongsu_throttle_windows"),
        "alerts that wait": total(metrics, "bongsu_sink_queued_alerts"),
        "spool": total(metrics, "bongsu_sink_spool_bytes"),
    }
    return told | {name: total(metrics, "bongsu_table_entries", table=table) for name, table in TABLES.items()}


@dataclass
class Series:
    """All samples of a run."""

    times_s: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: {value.name: [] for value in VALUES})

    def add(self, told: dict[str, float]) -> None:
        self.times_s.append(time.monotonic())
        for name, value in told.items():
            self.values[name].append(value)

    def thirds(self, name: str) -> list[list[float]]:
        values, count = self.values[name], len(self.times_s)
        return [values[count * n // 3 : count * (n + 1) // 3] for n in range(3)]

    def rise(self, name: str) -> float:
        """Of a line through the last two thirds, from its begin to its end: the median of the slopes between all
        pairs of 100 points of it (Theil and Sen), which peaks do not move."""
        begin = len(self.times_s) // 3
        points = list(zip(self.times_s[begin:], self.values[name][begin:], strict=True))
        points = points[:: max(len(points) // 100, 1)]
        slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.combinations(points, 2) if b[0] > a[0]]
        return statistics.median(slopes) * (points[-1][0] - points[0][0])


@dataclass(frozen=True)
class Judged:
    """One value over the run; `flat` is none where that is not judged."""

    value: Value
    medians: list[float]
    rise: float
    flat: bool | None

    def row(self) -> list[str]:
        def text(number: float) -> str:
            return f"{number / self.value.scale:,.1f}"

        verdict = {None: "-", True: "flat", False: "GROWS"}[self.flat]
        name = f"{self.value.name}, {self.value.unit}" if self.value.unit else self.value.name
        return [name, *map(text, self.medians), text(self.rise), verdict]


def judge(series: Series, long_enough: bool) -> list[Judged]:
    """Nothing of a series of too few samples; what is `flat` only of a run that is long enough to say it."""
    if len(series.times_s) < FEWEST:
        return []
    judged = []
    for value in VALUES:
        medians = [statistics.median(third) for third in series.thirds(value.name)]
        rise = series.rise(value.name)
        flat = None
        if value.share is not None and long_enough:
            allowed = max(value.share * medians[1], value.least)
            flat = medians[2] - medians[1] <= allowed and rise <= allowed
        judged.append(Judged(value, medians, rise, flat))
    return judged
