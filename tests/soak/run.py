# SPDX-License-Identifier: Apache-2.0
"""The soak: mixed load against the released program, what it takes meanwhile, and a verdict. scripts/soak builds what
it needs and calls it."""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))  # children, and the monitor beside us
sys.path.append(str(Path(__file__).resolve().parents[1] / "e2e"))  # support: containers, receivers, rules

import children
import loads
import machine
from children import Failed, say
from monitor import RULES, Monitor, total
from samples import Judged, Series, judge, sample
from support.chaos import ChaoticReceiver, Mood
from support.container import ContainerHost, usable_runtimes

SAMPLES = 600  # about so many
TELL_EVERY_S = 10
FLAT_FROM_S = 300  # of shorter runs nobody can say whether memory is flat
DRAIN_S = 60


@dataclass(frozen=True)
class Finding:
    """One sentence of the verdict; `good` is none where it was not judged."""

    what: str
    good: bool | None
    told: str


class Soak:
    def __init__(self, program: Path, folder: Path, seconds: float, seed: int) -> None:
        self._seconds, self._seed = seconds, seed
        usable = [name for name, why_not in usable_runtimes().items() if not why_not and shutil.which(name)]
        if not usable:
            raise Failed("neither runc nor crun can be used here")
        self._receiver = ChaoticReceiver()
        self._host = ContainerHost(folder / "containers", usable[0])
        rules = folder / "rules.d"
        rules.mkdir()
        loads.soak_rules(rules / "soak.json", 20)
        stdout = folder / "stdout.jsonl"
        with stdout.open("wb") as out:
            self.monitor = Monitor(program, folder / "monitor", rules=[RULES, rules], config=self._config(folder),
                                   stdout=out)  # fmt: skip
        self.findings = loads.Findings(stdout, self._receiver)
        self.series = Series()
        self.loads = [
            loads.Load("processes", seed, 1.0, loads.processes),
            loads.Load("files", seed, 0.3, loads.files(folder)),
            loads.Load("connections", seed, 0.5, loads.connections),
            loads.Load("containers", seed, 1.0, loads.containers(self._host)),
            loads.Load("rules read anew", seed, 6.0, loads.rule_files(rules, self.monitor)),
            loads.Load("webhook comes and goes", seed, 3.0, loads.receiver_moods(self._receiver)),
            loads.Load("log rotation", seed, 10.0, loads.log_rotation(folder / "alerts.jsonl")),
        ]
        self.metrics: dict[str, float] = {}

    def _config(self, folder: Path) -> dict[str, Any]:
        return {
            "containers": {"bundle_directories": [str(self._host.bundles)]},
            "files": [{"path": str(folder / "alerts.jsonl"), "rotate": {"max_bytes": "256KiB", "keep": 3}}],
            "webhooks": [{
                "name": "chaos", "url": self._receiver.url, "timeout": "1s", "retry": {"first": "50ms", "max": "1s"},
                "batch": {"max_alerts": 50, "max_wait": "20ms"},
                "spool": {"directory": str(folder / "spool"), "max_bytes": "64MiB"},
            }],
            "heartbeat": "5s",
        }  # fmt: skip

    def run(self) -> None:
        self.findings.start()
        began = time.monotonic()
        for load in self.loads:
            load.start()
        every_s = max(self._seconds / SAMPLES, 0.5)
        next_told = began + TELL_EVERY_S
        while (now := time.monotonic()) < began + self._seconds:
            self._alive()
            self.metrics = self.monitor.metrics()
            self.series.add(sample(self.monitor, self.metrics))
            if now >= next_told:
                self._progress(now - began)
                next_told = now + TELL_EVERY_S
            time.sleep(every_s)
        for load in self.loads:
            load.stop()
        for load in self.loads:
            load.join(90)

    def _alive(self) -> None:
        if self.monitor.process.poll() is not None:
            code, log = self.monitor.process.returncode, self.monitor.log()
            raise Failed(f"the monitor ended by itself ({code}): {log[-800:]}")
        broken = [f"{load.name}: {load.failure}" for load in self.loads if load.failure]
        if broken:
            raise Failed(f"a load failed: {'; '.join(broken)}")

    def _progress(self, passed_s: float) -> None:
        last = {name: values[-1] for name, values in self.series.values.items()}
        judged, lost = (total(self.metrics, f"bongsu_{name}_total") for name in ("judged_events", "lost_records"))
        say(f"{passed_s:.0f} s of {self._seconds:.0f}: {last['resident memory'] / 2**20:.1f} MiB, "
            f"{last['descriptors']:.0f} descriptors, {judged:,.0f} judged, {len(self.findings.said):,} findings, "
            f"{lost:.0f} lost")  # fmt: skip

    def end(self) -> int:
        """The monitor's exit code, once all that it has said has arrived, or a minute is over."""
        self._receiver.turn(Mood.WELL)
        loads.wait_for(lambda: total(self.monitor.metrics(), "bongsu_sink_queued_alerts") == 0, DRAIN_S)
        self.metrics = self.monitor.settled()
        code = children.stop(self.monitor.process)
        self.findings.stop()
        return code

    def close(self) -> None:
        for load in self.loads:
            load.stop()
        for load in self.loads:
            load.join(90)
        children.stop(self.monitor.process)
        self._host.close()
        self._receiver.close()

    def verdict(self, code: int, judged: list[Judged]) -> list[Finding]:
        def metric(name: str, **labels: str) -> int:
            return round(total(self.metrics, name, **labels))

        growing = [value.value.name for value in judged if value.flat is False]
        measured = [value for value in judged if value.flat is not None]
        lost = metric("bongsu_lost_records_total")
        missing = len(self.findings.said - self.findings.arrived)
        gone = sum(metric("bongsu_sink_alerts_total", sink="chaos", outcome=outcome)
                   for outcome in ("refused_full", "evicted", "rejected", "damaged", "undelivered"))  # fmt: skip
        idle = [load.name for load in self.loads if load.steps == 0]
        flat = "not judged: it takes a run of 5 minutes or more"
        if measured:
            flat = f"growing: {', '.join(growing)}" if growing else ", ".join(value.value.name for value in measured)
        return [
            Finding("memory, descriptors and threads are flat", not growing if measured else None, flat),
            Finding("no loss untold", lost <= self.findings.losses_told,
                    f"{lost} records lost, {self.findings.losses_told} told"),
            Finding("every finding arrived, or is counted as gone", missing <= gone,
                    f"{len(self.findings.said):,} said, {missing} of them not at the webhook, {gone} counted"),
            Finding("one monitor from begin to end", code == 0, f"exit code {code}"),
            Finding("every load did something", not idle, f"idle: {', '.join(idle)}" if idle else
                    ", ".join(f"{load.name} {load.steps}" for load in self.loads)),
        ]  # fmt: skip


def table(judged: list[Judged]) -> str:
    head = ["", "1st third", "2nd third", "last third", "rise", ""]
    rows = [head, *(value.row() for value in judged)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) if column == 0 else text.rjust(width)
                  for column, (text, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows
    )  # fmt: skip


def summary(soak: Soak, judged: list[Judged], findings: list[Finding], options: argparse.Namespace) -> dict[str, Any]:
    return {
        "minutes": options.minutes, "seed": options.seed, "machine": machine.describe(options.monitor),
        "good": all(finding.good is not False for finding in findings),
        "verdict": [vars(finding) for finding in findings],
        "values": {value.value.name: {"medians_of_thirds": value.medians, "rise": value.rise, "flat": value.flat}
                   for value in judged},
        "samples": len(soak.series.times_s),
        "loads": {load.name: load.steps for load in soak.loads},
        "judged_events": round(total(soak.metrics, "bongsu_judged_events_total")),
        "findings": len(soak.findings.said), "agent_alerts": soak.findings.agent,
        "lost_records": {name.partition("{")[2].rstrip("}"): round(value) for name, value in soak.metrics.items()
                         if name.startswith("bongsu_lost_records_total") and value > 0},
        "median_resident_bytes": statistics.median(soak.series.values["resident memory"]),
    }  # fmt: skip


def soak(options: argparse.Namespace, folder: Path) -> int:
    running = Soak(options.monitor, folder, options.minutes * 60, options.seed)
    try:
        running.run()
        code = running.end()
    finally:
        running.close()
    judged = judge(running.series, options.minutes * 60 >= FLAT_FROM_S)
    findings = running.verdict(code, judged)
    print(table(judged))
    for finding in findings:
        mark = {None: "--", True: "ok", False: "BAD"}[finding.good]
        print(f"{mark:4}{finding.what}: {finding.told}")
    if options.json:
        options.json.write_text(json.dumps(summary(running, judged, findings, options), indent=1) + "\n")
    return 0 if all(finding.good is not False for finding in findings) else 1


def attempt(what: Callable[[], int]) -> int:
    try:
        return what()
    except Failed as error:
        say(f"soak: {error}")
        return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monitor", type=lambda path: Path(path).resolve(), required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    children.end_with_us()
    folder = Path(tempfile.mkdtemp(prefix="bongsu-soak-"))
    say(f"soak: {options.minutes:g} minutes, --seed {options.seed}")
    try:
        return attempt(lambda: soak(options, folder))
    finally:
        children.end_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
