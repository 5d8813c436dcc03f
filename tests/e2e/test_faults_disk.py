# SPDX-License-Identifier: Apache-2.0
"""A disk without room, and then with some: judging goes on, what suffers is told, nothing is lost that was to be
delivered, and all is written again by itself."""

import errno
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.chaos import ChaoticReceiver, Mood
from support.monitor import Event, alerts_in, get, has_argument
from support.rules import marked, write_rules
from support.running import run_bongsu, until
from test_metrics import ask, parse

pytestmark = pytest.mark.kernel

COUNT = 20


class Disk:
    """A small file system of its own, and what fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "bongsu-e2e", folder], check=True)

    def fill(self) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            for size in (65536, 1):  # a page that is not whole is room too
                while True:
                    try:
                        filler.write(bytes(size))
                    except OSError as error:
                        assert error.errno == errno.ENOSPC
                        break

    def empty(self) -> None:
        (self.folder / "filler").unlink()

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    yield made
    made.close()


def test_a_full_disk_and_then_one_with_room(
    start: Callable, receiver: ChaoticReceiver, disk: Disk, marker: str, tmp_path: Path
) -> None:
    log = disk.folder / "alerts.jsonl"
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    (tmp_path / "config.json").write_text(json.dumps({
        "files": [{"name": "log", "path": str(log)}],
        "webhooks": [{"name": "hook", "url": receiver.url, "retry": {"first": "20ms", "max": "200ms"},
                      "batch": {"max_alerts": 50, "max_wait": "20ms"},
                      "spool": {"directory": str(disk.folder / "spool")}}],
        "state": {"directory": str(disk.folder / "state")},
    }))  # fmt: skip
    recording = disk.folder / "run.rec"
    monitor = start("run", "--config", tmp_path / "config.json", "--rules", rules, "--listen", "127.0.0.1:0",
                    "--format", "json", "--record", recording)  # fmt: skip
    monitor.wait_ready()

    def executed(name: str) -> set[str]:
        for number in range(COUNT):
            subprocess.run(["/bin/true", f"{marker}-{name}-{number}"], check=True)
        alerts = monitor.events.wait(has_argument(f"{marker}-{name}"), COUNT)
        return {get(alert, "event.id") for alert in alerts}

    def is_told(rule: str, event: str) -> Callable[[Event], bool]:
        return lambda alert: (get(alert, "rule.id"), get(alert, "bongsu.event")) == (rule, event)

    def metric(name: str, *labels: str) -> float:
        return parse(ask(monitor, "/metrics").body).value(name, *labels)

    def written() -> set[str]:
        return {get(alert, "event.id") for alert in alerts_in(log)}

    before = executed("before")
    until(lambda: before <= written() and before <= set(receiver.ids()), "all is well")

    def recorded() -> set[str]:
        lines = run_bongsu("replay", recording, "--rules", rules).stdout.splitlines()
        return {get(json.loads(line), "event.id") for line in lines}

    until(lambda: before <= recorded(), "it is recorded")

    receiver.turn(Mood.DEAD)  # so that alerts have to wait, the first of them in the spool
    without = executed("spooled")
    disk.fill()
    without |= executed("without")
    [spool] = monitor.events.wait(is_told("agent-degraded", "spool of hook"))
    assert "No space left" in get(spool, "bongsu.reason")
    monitor.wait_log("log: cannot write to")
    [ended] = monitor.events.wait(is_told("agent-drop", "recording"))
    assert "No space left" in get(ended, "bongsu.reason")
    until(lambda: metric("bongsu_sink_failing_seconds", 'sink="log"') > 0, "the file sink's failure in the metrics")
    until(lambda: metric("bongsu_sink_unspooled_alerts_total", 'sink="hook"') >= 1, "what the spool did not take")
    assert without - written(), "the file's last page had room for all of them"

    disk.empty()
    receiver.turn(Mood.WELL)
    until(lambda: without <= written() and without <= set(receiver.ids()), "what waited arrives")
    after = executed("after")
    until(lambda: after <= written() and after <= set(receiver.ids()), "what comes arrives")
    until(lambda: metric("bongsu_sink_failing_seconds") == 0, "nothing fails any more")
    assert monitor.stop(signal.SIGTERM) == 0, monitor.describe()
    assert "could not be delivered" not in monitor.err.text()
    # What was recorded before the disk was full can be replayed.
    assert before <= recorded()
