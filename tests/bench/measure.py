# SPDX-License-Identifier: Apache-2.0
"""Numbers of repeated runs: the middle and the spread, and how two things are compared in turn."""

import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from children import Failed, say


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median with the quartiles, and all values in the order in which they were measured."""
    ordered = sorted(values)
    return {"median": statistics.median(ordered), "q1": quantile(ordered, 25), "q3": quantile(ordered, 75),
            "runs": [round(value, 6) for value in values]}  # fmt: skip


def quantile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all are not above; the values are in order."""
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


def latencies(values_ms: Sequence[float]) -> dict[str, Any]:
    """p99.9 is told from 1,000 values on: of fewer it would be the longest one by another name."""
    ordered = sorted(values_ms)
    if not ordered:
        return {"count": 0}
    told = {"count": len(ordered), "p50": quantile(ordered, 50), "p99": quantile(ordered, 99), "longest": ordered[-1]}
    if len(ordered) >= 1000:
        told["p99.9"] = quantile(ordered, 99.9)
    return told | {"values_ms": [round(value, 3) for value in values_ms]}


# What is measured of one thing in a block: workload -> microseconds an operation.
Block = dict[str, float]
Attach = Callable[[], AbstractContextManager[Any]]


def against_itself(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Nothing, compared with nothing in the same way: what the spread of these is, no ratio can be surer of."""
    nothing = [block["us"] for block in blocks if block["variant"] is None]
    triples = list(zip(nothing, nothing[1:], nothing[2:], strict=False))
    return {work: spread([2 * of[work] / (before[work] + after[work]) for before, of, after in triples])
            for work in (nothing[0] if triples else ())}  # fmt: skip


def interleave(
    variants: dict[str, Attach], block: Callable[[Any], Block], pairs: int
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, str]]:
    """A B A C A B A C A: nothing attached between all others, and each of them compared with the two blocks of nothing
    at its sides, so that what the machine does otherwise meets both. Ratios by variant and workload, all blocks, and
    why a variant could not run."""
    refused: dict[str, str] = {}
    blocks: list[dict[str, Any]] = []
    ratios: dict[str, dict[str, list[float]]] = {name: {} for name in variants}
    before = block(None)
    blocks.append({"variant": None, "us": before})
    for number in range(pairs):
        for name, attach in variants.items():
            if name in refused:
                continue
            say(f"pair {number + 1} of {pairs}: {name}")
            try:
                with attach() as attached:
                    during = block(attached)
            except Failed as error:
                refused[name] = str(error)
                say(f"{name} cannot run here: {error}")
                continue
            after = block(None)
            blocks += [{"variant": name, "us": during}, {"variant": None, "us": after}]
            for workload, us in during.items():
                ratios[name].setdefault(workload, []).append(2 * us / (before[workload] + after[workload]))
            before = after
    told = {name: {work: spread(values) for work, values in by_work.items()} for name, by_work in ratios.items()}
    return told, blocks, refused
