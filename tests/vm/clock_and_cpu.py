# SPDX-License-Identifier: Apache-2.0
"""What can only be tried on a machine of one's own: the wall clock is set, and a CPU goes offline and comes back.
scripts/vm-faults runs it in a VM, as root; it needs no package of Python's."""

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PATIENCE_S = 120.0
CPU = Path("/sys/devices/system/cpu/cpu1/online")
DAY_S = 86_400


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_S:g} s: {what}")
        time.sleep(0.05)
    return value


class Monitor:
    """`bongsu run` with these rules, ready; its alerts as they come."""

    def __init__(self, program: str, folder: Path, rules: list[dict[str, Any]], *arguments: str) -> None:
        (folder / "rules.json").write_text(json.dumps({"rules": rules}))
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "run", "--rules", folder / "rules.json", "--listen", "off", "--format", "json", *arguments],
                stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        self.alerts: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()
        until(lambda: "watching" in self.log() or self._process.poll() is not None, "it watches")
        assert self._process.poll() is None, self.log()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.alerts.append(json.loads(line))

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def of(self, rule: str, word: str = "") -> list[dict[str, Any]]:
        return [alert for alert in self.alerts if alert["rule"]["id"] == rule and word in json.dumps(alert)]

    def wait(self, rule: str, word: str = "", count: int = 1) -> list[dict[str, Any]]:
        until(lambda: len(self.of(rule, word)) >= count, f"{count} of {rule} {word}; {self.log()}")
        return self.of(rule, word)

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(PATIENCE_S) == 0, self.log()


@contextlib.contextmanager
def watching(program: str, rules: list[dict[str, Any]], *arguments: str) -> Iterator[Monitor]:
    with tempfile.TemporaryDirectory() as folder:
        monitor = Monitor(program, Path(folder), rules, *arguments)
        yield monitor
        monitor.stop()


def marked(identifier: str, word: str, **more: Any) -> dict[str, Any]:
    return {"id": identifier, "name": identifier, "severity": "high", "event": "exec", "throttle": False,
            "match": {"process.args": {"contains": word}}} | more  # fmt: skip


def run(word: str, cpu: int | None = None) -> None:
    """On that CPU, from before the exec on."""
    pin = None if cpu is None else functools.partial(os.sched_setaffinity, 0, {cpu})
    subprocess.run(["/bin/true", word], preexec_fn=pin, check=True)


def set_clock(by_s: int) -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time() + by_s)


def the_clock_is_set(program: str) -> None:
    """Forward a day and back two: each time alerts, counts, throttles and exceptions go on as they are meant to."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + DAY_S // 2))
    excepted = [{"name": "for-now", "reason": "a test", "expires": ends,
                 "match": {"process.args": {"contains": "excepted"}}}]  # fmt: skip
    rules = [
        marked("plain", "plain"),
        marked("counted", "counted", count={"by": ["process.name"], "within": "1h", "at_least": 3}),
        marked("throttled", "throttled", throttle={"by": ["process.name"], "per": "3s"}),
        marked("excepted", "excepted", exceptions=excepted),
    ]
    with watching(program, rules) as monitor:
        for step, by_s in enumerate((0, DAY_S, -2 * DAY_S)):
            set_clock(by_s)
            now_s = time.time()
            run(f"plain-{step}")
            [plain] = monitor.wait("plain", f"plain-{step}")
            told_s = time.mktime(time.strptime(plain["@timestamp"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
            # The offset is looked at each time that records are waited for: by then it was.
            assert step == 0 or abs(told_s - now_s) < 60, f"{plain['@timestamp']} is not by the new clock"
            for _ in range(3):
                run(f"counted-{step}")
            monitor.wait("counted", f"counted-{step}")
            for _ in range(3):
                run(f"throttled-{step}")
            first, rollup = monitor.wait("throttled", f"throttled-{step}", 2)[:2]
            assert "rollup" not in first.get("bongsu", {})
            assert rollup["bongsu"]["rollup"]["count"] == 2, rollup["bongsu"]
            # The exception has ended only while the clock says so.
            until(lambda step=step: monitor.log().count("rules reloaded") == step, "the exception ends, and is back")
            run(f"excepted-{step}")
            run(f"plain-after-{step}")
            monitor.wait("plain", f"plain-after-{step}")
            assert len(monitor.of("excepted", f"excepted-{step}")) == (1 if step == 1 else 0), step
        assert not monitor.of("agent-tamper"), "it has not been stopped"
        set_clock(DAY_S)


def a_cpu_goes_and_comes_back(program: str, transport: str) -> None:
    """The ring knows no CPUs. A perf buffer's event ends with its CPU: what that CPU does later is lost, and told."""
    with watching(program, [marked("plain", "plain")], "--transport", transport) as monitor:

        def seen(word: str, cpu: int) -> None:
            run(word, cpu)
            monitor.wait("plain", word)

        seen("plain-before-0", 0)
        seen("plain-before-1", 1)
        CPU.write_text("0")
        seen("plain-without-0", 0)
        CPU.write_text("1")
        seen("plain-again-0", 0)
        if transport == "ring":
            seen("plain-again-1", 1)
            assert not monitor.of("agent-drop")
        else:
            run("plain-again-1", 1)
            until(lambda: monitor.of("plain", "plain-again-1") or monitor.of("agent-drop", "exec"), "seen, or told")
        seen("plain-later-0", 0)


def main() -> int:
    program = sys.argv[1]
    tries: dict[str, Callable[[], None]] = {
        "the wall clock is set forward and back": lambda: the_clock_is_set(program),
        "a CPU goes offline and comes back (ring)": lambda: a_cpu_goes_and_comes_back(program, "ring"),
        "a CPU goes offline and comes back (perf)": lambda: a_cpu_goes_and_comes_back(program, "perf"),
    }
    failed = 0
    for name, attempt in tries.items():
        if "ring" in name and os.uname().release < "5.8":
            continue
        began = time.monotonic()
        try:
            attempt()
        except Exception as error:  # of whatever kind: the others are tried all the same
            failed += 1
            print(f"BAD {name}: {type(error).__name__}: {error}")
            continue
        print(f"ok  {name} ({time.monotonic() - began:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
