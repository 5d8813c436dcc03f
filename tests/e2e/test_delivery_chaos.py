# SPDX-License-Identifier: Apache-2.0
"""Alerts are raised at 500 a second while the receiver does all that receivers do, and the monitor is killed 20 times.

An alert counts as raised when it is on the monitor's stdout. Each of them arrives at least once; what comes twice has
the same id; of one container, each comes after those before it.
"""

import itertools
import json
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.box import Box
from support.box_image import BoxImage
from support.box_spec import bind
from support.chaos import ChaoticReceiver, Mood
from support.monitor import Command, get
from support.rules import rule, write_rules
from support.running import until

pytestmark = pytest.mark.kernel

KILLS = 20
A_SECOND = 500
CONTAINERS = 2
LIFE_S = 4.0  # of each monitor, from when it watches
# Over what the monitor has once it watches: the copies of alerts in memory, their index, a batch, and the allocator's.
MEMORY_BOUND = 96 << 20


def memory(pid: int, what: str) -> int:
    found = re.search(rf"^{what}:\s*([0-9]+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) << 10


def raised(stdout: Path) -> list[dict[str, object]]:
    """Whole lines: one that broke off was still being told when the monitor was killed."""
    *lines, _ = stdout.read_bytes().split(b"\n")
    alerts = []
    for line in lines:
        # The next monitor's first line may follow what the one before could not end.
        start = line.rfind(b'{"@timestamp"')
        alerts.append(json.loads(line[max(start, 0) :]))
    return [alert for alert in alerts if get(alert, "rule.id") == "numbered"]


def number_of(alert: dict[str, object]) -> tuple[str, int]:
    path = get(alert, "file.path")
    return str(get(alert, "container.id")), int(path.rpartition("-")[2])


def test_every_alert_arrives(
    start: Callable[..., Command],
    receiver: ChaoticReceiver,
    image: BoxImage,
    compiled: Callable[[str], Path],
    marker: str,
    tmp_path: Path,
) -> None:
    rules = write_rules(
        tmp_path / "rules.json", rule("numbered", {"file.path": {"prefix": f"/tmp/{marker}"}}, event="open")
    )
    config = tmp_path / "config.json"
    config.write_text(json.dumps({
        "rules": [str(rules)],
        "http": {"listen": "off"},
        "webhooks": [{
            "name": "chaos", "url": receiver.url, "timeout": "1s", "retry": {"first": "50ms", "max": "400ms"},
            "batch": {"max_alerts": 100, "max_wait": "20ms"},
            "spool": {"directory": str(tmp_path / "spool"), "max_bytes": "256MiB"},
        }],
    }))  # fmt: skip
    stdout = tmp_path / "stdout.jsonl"
    numbered = compiled("numbered")
    tool = bind(numbered, "/usr/local/bin/numbered")
    boxes = [Box(image, mounts=[tool]) for _ in range(CONTAINERS)]
    makers = []
    try:
        with stdout.open("ab") as out:

            def monitor() -> Command:
                running = start("run", "--config", config, "--format", "json", stdout=out.fileno())
                running.wait_ready()
                return running

            moods = itertools.cycle([*Mood])
            running = monitor()
            makers = [box.start(["/usr/local/bin/numbered", f"/tmp/{marker}", str(A_SECOND // CONTAINERS)])
                      for box in boxes]  # fmt: skip
            began = time.monotonic()
            grown = []
            for _ in range(KILLS):
                settled = memory(running.pid, "VmRSS")
                for _ in range(2):
                    receiver.turn(next(moods))
                    time.sleep(LIFE_S / 2)  # how long it lives is what is tried
                grown.append(memory(running.pid, "VmHWM") - settled)
                assert running.process.poll() is None, running.describe()
                running.process.send_signal(signal.SIGKILL)
                running.process.wait()
                running = monitor()
            took_s = time.monotonic() - began
            for box in boxes:
                box.close()
            receiver.turn(Mood.WELL)
            ids = {str(get(alert, "event.id")) for alert in raised(stdout)}
            until(lambda: not ids - set(receiver.ids()), "every alert has arrived", timeout_s=120)
            assert running.stop(signal.SIGTERM) == 0, running.describe()
    finally:
        for box in boxes:
            box.close()
        for maker in makers:
            maker.wait()
    alerts = raised(stdout)
    missing = {get(alert, "event.id") for alert in alerts} - set(receiver.ids())
    assert not missing, f"{len(missing)} of {len(alerts)} alerts never arrived"
    print(f"{len(alerts)} alerts raised in {took_s:.0f} s, {len(receiver.arrived)} arrived with the repeated ones, "
          f"{len(set(receiver.ids()))} different; memory grew by at most {max(grown) >> 20} MiB; "
          f"requests: { {mood.name: count for mood, count in receiver.met.items()} }")  # fmt: skip
    # It was as hard as it is meant to be.
    assert len(alerts) > KILLS * LIFE_S * A_SECOND / 2
    assert set(receiver.met) == set(Mood) - {Mood.DEAD}
    assert len(receiver.arrived) > len(set(receiver.ids())), "nothing came twice: was nothing cut off?"
    # One finding, one id. In the order of their first arrivals, the numbers of a container only grow.
    first: dict[str, tuple[str, int]] = {}
    order: dict[str, list[int]] = {}
    for alert in receiver.arrived:
        if get(alert, "rule.id") == "numbered":
            identifier, (container, number) = str(get(alert, "event.id")), number_of(alert)
            if identifier not in first:
                first[identifier] = (container, number)
                order.setdefault(container, []).append(number)
            assert first[identifier] == (container, number)
    assert len(order) == CONTAINERS
    for container, numbers in order.items():
        assert numbers == sorted(set(numbers)), f"out of order, or under two ids, in {container}"
    assert max(grown) < MEMORY_BOUND, grown
