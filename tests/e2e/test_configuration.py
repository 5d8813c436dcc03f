# SPDX-License-Identifier: Apache-2.0
"""The configuration that changes while the monitor runs, secrets in files, what a monitor leaves for the next one."""

import json
import signal
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.monitor import Command, Event, get, has_argument
from support.receiver import Receiver
from support.rules import marked, write_rules
from support.running import until

pytestmark = pytest.mark.kernel


class Configuration:
    """The file, replaced as an editor does it."""

    def __init__(self, path: Path, **keys: Any) -> None:
        self.path = path
        self.set(**keys)

    def set(self, **keys: Any) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(keys))
        fresh.rename(self.path)


@pytest.fixture
def rules(tmp_path: Path, marker: str) -> Path:
    return write_rules(tmp_path / "rules.json", marked(marker, throttle=False))


@pytest.fixture
def begin(start: Callable[..., Command], rules: Path) -> Callable[[Configuration], Command]:
    def run(configuration: Configuration) -> Command:
        monitor = start("run", "--config", configuration.path, "--rules", rules, "--listen", "off", "--format", "json")
        monitor.wait_ready()
        return monitor

    return run


def execute(marker: str) -> None:
    subprocess.run(["/bin/true", marker], check=True)


def received(receiver: Receiver, marker: str) -> list[Event]:
    return [alert for alert in receiver.alerts() if has_argument(marker)(alert)]


def wait_received(receiver: Receiver, marker: str) -> Event:
    until(lambda: received(receiver, marker), f"an alert about {marker} at the webhook")
    return received(receiver, marker)[0]


def test_a_webhook_that_is_added_gets_alerts_without_a_restart(
    begin: Callable[..., Command], receive: Callable[..., Receiver], marker: str, tmp_path: Path
) -> None:
    configuration = Configuration(tmp_path / "config.json")
    monitor = begin(configuration)
    receiver = receive()
    configuration.set(webhooks=[{"name": "added", "url": receiver.url}])
    monitor.wait_log("configuration reloaded")
    execute(f"{marker}-after")
    assert get(wait_received(receiver, f"{marker}-after"), "rule.id") == "marked"
    assert len(monitor.events.wait(has_argument(f"{marker}-after"))) == 1

    configuration.set(webhooks=[])
    until(lambda: sum(b"configuration reloaded" in line for line in monitor.err.lines) == 2, "the second change")
    execute(f"{marker}-gone")
    monitor.events.wait(has_argument(f"{marker}-gone"))
    assert not received(receiver, f"{marker}-gone")


def test_a_configuration_with_an_error_changes_nothing_and_is_told(
    begin: Callable[..., Command], marker: str, tmp_path: Path
) -> None:
    configuration = Configuration(tmp_path / "config.json", stdout={"min_severity": "info"})
    monitor = begin(configuration)
    configuration.set(stdout={"min_severity": "hihg"})
    told = monitor.events.wait(lambda event: get(event, "rule.id") == "agent-rule-error")[0]
    assert "configuration not reloaded" in get(told, "message") and "min_severity" in get(told, "message")
    execute(marker)
    monitor.events.wait(has_argument(marker))


def test_what_is_read_at_the_start_only_is_named(begin: Callable[..., Command], tmp_path: Path) -> None:
    configuration = Configuration(tmp_path / "config.json")
    monitor = begin(configuration)
    configuration.set(sensor={"ring_bytes": "4MiB"})
    monitor.wait_log("a change of sensor.ring_bytes waits for a restart")


def test_url_and_token_come_from_files_that_may_come_later(
    begin: Callable[..., Command], receive: Callable[..., Receiver], marker: str, tmp_path: Path
) -> None:
    receiver = receive()
    url, token = tmp_path / "url", tmp_path / "token"
    webhook = {"name": "soc", "url_file": str(url), "bearer_token_file": str(token)}
    monitor = begin(Configuration(tmp_path / "config.json", webhooks=[webhook]))
    told = monitor.events.wait(lambda event: get(event, "rule.id") == "agent-rule-error")[0]
    assert str(url) in get(told, "message")

    token.write_text("first\n")
    url.write_text(receiver.url + "\n")
    monitor.wait_log("configuration reloaded")
    execute(f"{marker}-1")
    wait_received(receiver, f"{marker}-1")
    assert receiver.requests[-1]["authorization"] == "Bearer first"

    token.write_text("second\n")
    until(lambda: sum(b"configuration reloaded" in line for line in monitor.err.lines) == 2, "the new token")
    execute(f"{marker}-2")
    wait_received(receiver, f"{marker}-2")
    assert receiver.requests[-1]["authorization"] == "Bearer second"
    assert b"first" not in b"".join(monitor.err.lines)


@pytest.mark.parametrize(
    ("end", "reason"), [(signal.SIGTERM, "the monitor was stopped"), (signal.SIGKILL, "the monitor was killed")]
)
def test_the_next_monitor_tells_how_long_nobody_watched(
    end: signal.Signals, reason: str, begin: Callable[..., Command], tmp_path: Path
) -> None:
    configuration = Configuration(tmp_path / "config.json", state={"directory": str(tmp_path / "state")})
    first = begin(configuration)
    until(lambda: (tmp_path / "state/watch.json").stat().st_size > 0, "the note")
    assert not [event for event in first.events.all() if get(event, "rule.id") == "agent-gap"]
    first.stop(end)
    second = begin(configuration)
    gap = second.events.wait(lambda event: get(event, "rule.id") == "agent-gap")[0]
    began, ended = (datetime.fromisoformat(get(gap, f"bongsu.gap.{side}")[:26]) for side in ("start", "end"))
    assert began < ended
    assert get(gap, "bongsu.reason") == reason
