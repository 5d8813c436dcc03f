# SPDX-License-Identifier: Apache-2.0
"""The table of what Bongsu is to cost: what was measured, what is aimed at, and what it may be at most."""

from collections.abc import Callable
from typing import Any

from tables import Data, losses, table


def _ratio(variant: str, workload: str) -> Callable[[Data], list[float]]:
    return lambda parts: [parts["slowdown"]["data"]["ratios"][variant][workload]["median"]]


def _beside(parts: Data) -> list[float]:
    """The worst of all: how many did not arrive, and the longest p99."""
    runs = parts["floods"]["data"]["beside"]
    return [max(run["executed"] - run["arrived"] for run in runs), max(run.get("p99", float("inf")) for run in runs)]


def _first_idle(parts: Data) -> list[float]:
    run = parts["latency"]["data"]["runs"][0]
    return [run["p50"], run["p99"]]


def _memory(parts: Data) -> list[float]:
    return [parts["idle"]["data"]["memory_kib"]["VmRSS"] / 1024, parts["memory"]["data"]["after_kib"]["VmRSS"] / 1024]


def _missing(of: str, made: str) -> Callable[[Data], list[float]]:
    return lambda parts: [parts["floods"]["data"][of][made] - parts["floods"]["data"][of]["arrived"]]


DEFAULT, WITHOUT = "default rules", "no rule on system calls"

# What, how its figures are written, where they are, the aim, and the most.
ROWS: list[tuple[str, str, Callable[[Data], list[float]], list[float], list[float]]] = [
    ("system calls that no rule watches (getppid), all calls hooked", "{:.2f}", _ratio(DEFAULT, "getppid"),
     [1.20], [1.30]),
    ("the same with rules that need no hook on calls", "{:.2f}", _ratio(WITHOUT, "getppid"), [1.00], [1.02]),
    ("open and close of a file no rule cares about", "{:.2f}", _ratio(DEFAULT, "open"), [1.15], [1.35]),
    ("spawn of /bin/true", "{:.2f}", _ratio(DEFAULT, "spawn"), [1.02], [1.05]),
    ("redis-benchmark", "{:.2f}", _ratio(DEFAULT, "redis"), [1.02], [1.05]),
    ("nginx + wrk", "{:.2f}", _ratio(DEFAULT, "nginx"), [1.02], [1.05]),
    ("the monitor's CPU for a process (fork, exec, exit)", "{:.0f} us",
     lambda parts: [parts["slowdown"]["data"]["agent_us"][DEFAULT]["spawn"]["median"]], [8], [20]),
    ("resident memory, idle / after the long run", "{:.0f} / {:.0f} MiB", _memory, [20, 40], [30, 60]),
    ("start to first judged event", "{:.2f} s",
     lambda parts: [parts["startup"]["data"]["first_judged_ms"]["median"] / 1000], [0.2], [0.5]),
    ("exec to the line on stdout, one every 200 ms, p50 / p99", "{:.2f} / {:.2f} ms", _first_idle, [0.3, 2], [1, 5]),
    ("200 execs that must alert beside a flood of opens: missing, p99", "{:.0f}, {:.1f} ms", _beside, [0, 5], [0, 20]),
    ("events of a container lost while another floods", "{:.0f}", _missing("victim", "opened"), [0], [0]),
    ("events missed around a reload of the rules", "{:.0f}", _missing("reload", "executed"), [0], [0]),
    ("idle CPU of one core", "{:.2f} %", lambda parts: [parts["idle"]["data"]["cpu_percent"]], [0.05], [0.1]),
]  # fmt: skip


def _verdict(form: str, values: list[float], aim: list[float], most: list[float]) -> str:
    """Judged by what is written: 1.204 is 1.20."""
    if form.startswith("{:.2f}"):
        values = [round(value, 2) for value in values]
    for name, bounds in (("aim", aim), ("within", most)):
        if all(value <= bound for value, bound in zip(values, bounds, strict=True)):
            return name
    if any(value > 0 for value, bound in zip(values, most, strict=True) if not bound):
        return "**missed**"
    times = max(value / bound for value, bound in zip(values, most, strict=True) if bound)
    return f"**{times - 1:.0%} over**" if times < 2 else f"**{times:.1f} times**"


def must_show(parts: dict[str, Any]) -> str:
    rows = []
    for what, form, figures, aim, most in ROWS:
        try:
            values = figures(parts)
        except KeyError:  # not measured, or it cannot run here
            rows.append([what, "not measured", form.format(*aim), form.format(*most), ""])
            continue
        rows.append([what, form.format(*values), form.format(*aim), form.format(*most),
                     _verdict(form, values, aim, most)])  # fmt: skip
    text = table(["What", "Here", "Aim", "At most", ""], rows)
    if "costs" in parts:
        lost = parts["costs"]["data"]["workloads"]["open"]["lost"]
        text += f"\nRecords lost by the opens of a file no rule cares about: {losses(lost)}.\n"
    return text
