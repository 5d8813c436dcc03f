# SPDX-License-Identifier: Apache-2.0
"""Alerts in files that rotate, and at unix sockets."""

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.monitor import Command, Event, get
from support.rules import marked, write_rules
from support.running import until, whole_lines

pytestmark = pytest.mark.kernel

BURST = 300


@pytest.fixture
def monitor(start: Callable[..., Command], marker: str, tmp_path: Path) -> Callable[..., Command]:
    def begin(**keys: Any) -> Command:
        rules = write_rules(tmp_path / "rules.json", marked(marker))
        (tmp_path / "config.json").write_text(json.dumps({"http": {"listen": "off"}, **keys}))
        running = start("run", "--config", tmp_path / "config.json", "--rules", rules, "--format", "json")
        running.wait_ready()
        return running

    return begin


def execute(marker: str, count: int = 1) -> None:
    for _ in range(count):
        subprocess.run(["/bin/true", marker], check=True)


def lines_of(*paths: Path) -> list[str]:
    return [line for path in paths for line in whole_lines(path)]


def raised(running: Command, count: int) -> list[str]:
    """The lines on stdout, once there are so many."""
    running.events.wait(lambda event: get(event, "rule.id") == "marked", count)
    return [line.decode() for line in running.out.lines]


def test_a_file_rotates_and_loses_nothing(monitor: Callable[..., Command], marker: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    running = monitor(files=[{"path": str(path), "rotate": {"max_bytes": "64KiB", "keep": 50}, "sync": "always"}])
    execute(marker, BURST)
    expected = raised(running, BURST)
    aside = [Path(f"{path}.{number}") for number in range(50, 0, -1)]
    until(lambda: len(lines_of(*aside, path)) == BURST, f"{BURST} lines; {running.describe()}")
    assert lines_of(*aside, path) == expected
    assert Path(f"{path}.1").exists()
    assert all(file.stat().st_size <= 64 << 10 for file in [*aside, path] if file.exists())
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_moved_away_is_begun_anew(monitor: Callable[..., Command], marker: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    running = monitor(files=[{"path": str(path)}])
    execute(marker)
    until(lambda: len(lines_of(path)) == 1, "the first alert")
    path.rename(tmp_path / "moved")
    execute(marker)
    until(lambda: len(lines_of(path)) == 1, "the second alert")
    assert lines_of(tmp_path / "moved", path) == raised(running, 2)


def test_a_file_goes_on_after_a_kill(monitor: Callable[..., Command], marker: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    running = monitor(files=[{"path": str(path)}])
    execute(marker)
    until(lambda: len(lines_of(path)) == 1, "the first alert")
    running.kill()
    with path.open("a") as file:
        file.write('{"half')  # as a kill in the middle of writing leaves it
    running = monitor(files=[{"path": str(path)}])
    execute(marker)
    until(lambda: len(lines_of(path)) == 3, "the second alert")
    first, half, second = lines_of(path)
    assert half == '{"half'
    assert get(json.loads(first), "rule.id") == get(json.loads(second), "rule.id") == "marked"


def test_a_directory_that_is_not_there_leaves_its_file_out(
    watch: Callable[..., Command], tmp_path: Path, marker: str
) -> None:
    """The host is watched all the same, and the others are told."""
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    (tmp_path / "config.json").write_text(json.dumps({"files": [{"name": "kept", "path": f"{tmp_path}/none/alerts"}]}))
    monitor = watch(rules, "--config", tmp_path / "config.json")
    why = f"left out: file kept: {tmp_path}/none/alerts: there is no directory {tmp_path}/none/"
    monitor.wait_log(why)
    [told] = monitor.events.wait(lambda alert: get(alert, "rule.id") == "agent-rule-error")
    assert why in get(told, "message")


class UnixReader:
    """Listens, and reads what comes, line by line."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.events: list[Event] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            self._connection, _ = self._listener.accept()
            for line in self._connection.makefile("rb"):
                if line.endswith(b"\n"):
                    self.events.append(json.loads(line))

    def ids(self) -> set[str]:
        return {get(event, "event.id") for event in self.events}

    def close(self) -> None:
        for one in (self._connection, self._listener):
            if one is not None:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
        self._thread.join()


def test_a_unix_socket_gets_all_that_was_raised_also_when_its_reader_changes(
    monitor: Callable[..., Command], marker: str, tmp_path: Path
) -> None:
    path = tmp_path / "socket"
    retry = {"first": "10ms", "max": "50ms"}
    running = monitor(unix_sockets=[{"path": str(path), "retry": retry}])
    execute(marker, 10)
    running.wait_log("No such file or directory")
    seen: set[str] = set()
    for batch in range(1, 4):
        reader = UnixReader(path)
        execute(marker, 10)
        wanted = {get(json.loads(line), "event.id") for line in raised(running, 10 + 10 * batch)}
        missing = wanted - seen
        until(lambda reader=reader, missing=missing: missing <= reader.ids(), f"{missing}; {running.describe()}")
        seen |= reader.ids()
        reader.close()
