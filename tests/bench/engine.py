# SPDX-License-Identifier: Apache-2.0
"""The rule engine by itself: an event's cost against the number of rules, and how fast a recording is judged again."""

import re
import time

import children
from bench import Bench, Data
from children import Failed, say
from measure import spread
from monitor import RULES
from workloads import Workloads


def judge_table(bench: Bench) -> Data:
    """What bench_judge says: benchmark -> CPU nanoseconds an event."""
    if not bench.tools:
        raise Failed("the C++ benchmarks were not built")
    told = children.run_json([bench.tools / "bench_judge", "--benchmark_format=json",
                              f"--benchmark_min_time={bench.pick(0.05, 0.5)}"], patience_s=600)  # fmt: skip
    rows = {"by_rules": {}, "default": {}, "load_ms": {}}
    for item in told["benchmarks"]:
        name, time_ns = item["name"], item["cpu_time"] * (1e6 if item["time_unit"] == "ms" else 1)
        if found := re.fullmatch(r"judge_no_match/([0-9]+)/[0-9]+", name):
            rows["by_rules"].setdefault(found[1], {})[item["label"]] = time_ns
        elif found := re.fullmatch(r"load_rule_texts/([0-9]+)", name):
            rows["load_ms"][found[1]] = time_ns / 1e6
        else:
            rows["default"][name] = time_ns
    return rows


def replayed(bench: Bench) -> Data:
    """A recording of spawns, opens and connects, judged by the default rules."""
    workloads = Workloads(bench.folder, bench.pick(0.2, 1.0))
    path = bench.folder / "recording.rec"
    path.unlink(missing_ok=True)
    log = bench.folder / "record.log"
    with log.open("wb") as errors:
        recorder = children.start([bench.program, "record", path, "exec,fork,exit,open,connect"], stderr=errors)
    try:
        children.until(lambda: "recording" in log.read_text() or recorder.poll() is not None, "the recorder records")
        for name in ("spawn", "connect", "open-matched"):
            workloads.all[name].run()
    finally:
        children.stop(recorder)
    events = children.run([bench.program, "replay", path, "--events"], patience_s=600).count("\n")
    seconds = []
    for _ in range(bench.pick(1, 5)):
        began = time.monotonic()
        children.run([bench.program, "replay", path, "--rules", RULES, "--format", "json"], patience_s=600)
        seconds.append(time.monotonic() - began)
    rates = spread([events / took for took in seconds])
    say(f"a recording of {events} events is judged again at {rates['median']:.0f}/s")
    return {"events": events, "bytes": path.stat().st_size, "events_per_second": rates, "seconds": spread(seconds)}


def engine(bench: Bench) -> Data:
    data: Data = {"replay": replayed(bench)}
    try:
        data["judge"] = judge_table(bench)
    except Failed as error:
        say(str(error))
    return data
