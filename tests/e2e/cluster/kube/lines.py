# SPDX-License-Identifier: Apache-2.0
"""What a command beside the test prints, each line with the time at which it arrived."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from support.monitor import Event, get
from support.running import PATIENCE_S, until


@dataclass(frozen=True)
class Arrival:
    at: float  # seconds since the epoch, when the test had it
    alert: Event


def seconds(timestamp: str) -> float:
    """RFC 3339 as alerts and kubelets write it, with up to nine digits of a second."""
    whole, _, fraction = timestamp.removesuffix("Z").partition(".")
    return datetime.fromisoformat(whole + "+00:00").timestamp() + float(f"0.{fraction or 0}")


class Lines:
    """A command whose standard output is read while it runs."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        # A session of its own: scripts/cluster has children, and all of them end together.
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        self.lines: list[tuple[float, str]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.time(), line.decode(errors="replace").rstrip("\n")))

    def wait(self, word: str, timeout_s: float = PATIENCE_S) -> str:
        """The first line with the word."""

        def line() -> str:
            return next((text for _, text in list(self.lines) if word in text), "")

        try:
            return until(line, f"'{word}' in the output", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; there is: {self.text()[-4000:]}") from None

    def text(self) -> str:
        return "\n".join(text for _, text in list(self.lines))

    def wait_end(self, timeout_s: float = PATIENCE_S) -> None:
        self._process.wait(timeout_s)
        self._thread.join(timeout_s)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
        self._thread.join()


class AlertLines(Lines):
    """Lines that are alerts, those about the monitor itself among them; its log, in between, is left alone."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        super().__init__(command)
        self._seen = 0
        self._arrivals: list[Arrival] = []

    def arrivals(self) -> list[Arrival]:
        lines = self.lines
        while self._seen < len(lines):
            at, text = lines[self._seen]
            self._seen += 1
            if text.startswith("{"):
                alert: Any = json.loads(text)
                if get(alert, "rule.id") is not None:
                    self._arrivals.append(Arrival(at, alert))
        return list(self._arrivals)

    def where(self, predicate: Callable[[Event], Any]) -> list[Arrival]:
        return [arrival for arrival in self.arrivals() if predicate(arrival.alert)]

    def wait_alerts(
        self, predicate: Callable[[Event], Any], count: int = 1, timeout_s: float = PATIENCE_S
    ) -> list[Arrival]:
        """All that match, once there are `count`."""
        try:
            until(lambda: len(self.where(predicate)) >= count, f"{count} matching alert(s)", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; there were {len(self.where(predicate))}; {self.text()[-4000:]}") from None
        return self.where(predicate)
