# SPDX-License-Identifier: Apache-2.0
"""`bongsu run` beside the benchmark, and what it says of itself: CPU, memory, metrics."""

import contextlib
import json
import re
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import children
from children import Failed, until
from machine import ROOT

RULES = ROOT / "rules"


class Monitor:
    """Ready when the constructor returns (unless `wait=False`). Alerts go to `stdout`, else nowhere."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        *,
        rules: list[Path] | None = None,
        config: dict[str, Any] | None = None,
        stdout: Any = subprocess.DEVNULL,
        wait: bool = True,
    ) -> None:
        folder.mkdir(exist_ok=True)
        configuration = folder / "config.json"
        configuration.write_text(json.dumps(config or {}))
        flags = [str(flag) for path in rules or [RULES] for flag in ("--rules", path)]
        self._log = folder / "monitor.log"
        with self._log.open("wb") as log:
            self.process = children.start(
                [program, "run", "--config", configuration, *flags, "--listen", "127.0.0.1:0", "--format", "json"],
                stdout=stdout, stderr=log)  # fmt: skip
        self.pid = self.process.pid
        if wait:
            self.wait_ready()

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_ready(self) -> None:
        until(lambda: "watching" in self.log() or self.process.poll() is not None, "the monitor watches")
        if self.process.poll() is not None:
            raise Failed(f"the monitor ended: {self.log()[-500:]}")

    def cpu_ns(self) -> int:
        """What its threads have run, to the nanosecond (proc_pid_schedstat)."""
        ran = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                ran += int((task / "schedstat").read_text().split()[0])
        return ran

    def memory_kib(self) -> dict[str, int]:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return {name: int(re.search(rf"^{name}:\s+([0-9]+) kB", status, re.MULTILINE)[1])  # type: ignore[index]
                for name in ("VmRSS", "RssAnon", "RssFile", "RssShmem", "VmHWM")}  # fmt: skip

    def metrics(self) -> dict[str, float]:
        """name{labels} -> value; they are published once a second."""
        port = re.search(r"http://127\.0\.0\.1:([0-9]+)", self.log())
        if not port:
            raise Failed("the monitor's log names no address")
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in text.splitlines())
                if name and not name.startswith("#")}  # fmt: skip

    def settled(self) -> dict[str, float]:
        """Metrics once what has been written is judged: of two publications, both after now, that agree on it."""
        last = -1.0
        for _ in range(8):
            time.sleep(1.1)
            told = self.metrics()
            waits = sum(value for name, value in told.items() if name.startswith("bongsu_ring_used_bytes"))
            if waits == 0 and abs(total(told, "bongsu_judged_events_total") - last) < 200:
                return told
            last = total(told, "bongsu_judged_events_total")
        return told

    def program_ids(self) -> set[int]:
        """Of its BPF programs, from the descriptors that it holds."""
        found = set()
        for info in Path(f"/proc/{self.pid}/fdinfo").iterdir():
            with contextlib.suppress(OSError):
                found.update(int(number) for number in re.findall(r"^prog_id:\s+([0-9]+)", info.read_text(), re.M))
        return found

    def stop(self) -> None:
        children.stop(self.process)

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def total(metrics: dict[str, float], name: str, **labels: str) -> float:
    """The sum over all labels that are not given."""
    return sum(value for key, value in metrics.items()
               if key.partition("{")[0] == name and all(f'{k}="{v}"' in key for k, v in labels.items()))  # fmt: skip


def grown(before: dict[str, float], after: dict[str, float], name: str, **labels: str) -> int:
    return round(total(after, name, **labels) - total(before, name, **labels))


def by_label(before: dict[str, float], after: dict[str, float], name: str) -> dict[str, int]:
    """What has grown, by its labels as they stand in the metrics."""
    return {key.partition("{")[2].rstrip("}"): round(value - before.get(key, 0)) for key, value in after.items()
            if key.partition("{")[0] == name and value > before.get(key, 0)}  # fmt: skip
