# SPDX-License-Identifier: Apache-2.0
"""`bongsu run` and `bongsu trace` beside the test, with what they print as objects."""

import contextlib
import json
import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from support.alert_schema import check_alert
from support.running import PATIENCE_S, Argument, Running, program, until, whole_lines

Event = dict[str, Any]

# On stderr once everything is attached and the processes that were there have been read.
READY = {"run": "watching", "trace": "tracing"}


def get(event: Event, name: str) -> Any:
    """The value at a dotted name, as rules write it; None where there is none."""
    value: Any = event
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def alerts_in(path: Path) -> list[Event]:
    """Of a file that is being written, or will be: what stands in whole lines."""
    return [json.loads(line) for line in whole_lines(path)]


class JsonLines:
    """The objects of a stream, each line read once."""

    def __init__(self, running: Running, check: Callable[[Event], None] | None = None) -> None:
        self._running = running
        self._check = check
        self._events: list[Event] = []

    def all(self) -> list[Event]:
        lines = self._running.out.lines
        for number in range(len(self._events), len(lines)):
            event = json.loads(lines[number].decode())  # strict: invalid UTF-8 or JSON fails the test
            assert isinstance(event, dict), f"line {number + 1} is no object: {lines[number]!r}"
            if self._check:
                self._check(event)
            self._events.append(event)
        return list(self._events)

    def where(self, predicate: Callable[[Event], Any]) -> list[Event]:
        return [event for event in self.all() if predicate(event)]

    def wait(self, predicate: Callable[[Event], Any], count: int = 1, timeout_s: float = PATIENCE_S) -> list[Event]:
        """All that match, once there are `count`."""
        try:
            until(lambda: len(self.where(predicate)) >= count, f"{count} matching line(s)", timeout_s)
        except AssertionError as error:
            found = len(self.where(predicate))
            raise AssertionError(f"{error}; there were {found}; {self._running.describe()}") from None
        return self.where(predicate)


class Command(Running):
    """A command that watches: ready when its log says so. `before` stands in front of the program, and becomes it: a
    shell that enters a cgroup, unshare, setpriv."""

    def __init__(self, *arguments: Argument, before: Sequence[Argument] = (), **options: Any) -> None:
        super().__init__([*before, program(), *arguments], **options)
        self._ready = READY.get(str(arguments[0]), "")
        self.events = JsonLines(self, check_alert if str(arguments[0]) == "run" else None)

    def wait_ready(self) -> str:
        return self.wait_log(self._ready)

    def address(self) -> tuple[str, int]:
        """Where it serves health and metrics, from its log."""
        line = self.wait_log("http://")
        found = re.search(r"http://(?P<host>[0-9.]+|\[[0-9a-f:]+\]):(?P<port>[0-9]+)", line)
        assert found, f"no address in the log line: {line}"
        return found["host"].strip("[]"), int(found["port"])


def finish(running: Command) -> None:
    """What a test leaves running ends in good order, so that its probes are detached before the next one."""
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGCONT)
        running.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(15)
    running.kill()
    running.err.join_for(1)
    assert "Sanitizer: " not in running.err.text(), running.err.text()


def has_argument(marker: str) -> Callable[[Event], bool]:
    return lambda event: any(marker in argument for argument in get(event, "process.args") or [])


def is_action(*actions: str) -> Callable[[Event], bool]:
    return lambda event: get(event, "event.action") in actions
