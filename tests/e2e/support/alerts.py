# SPDX-License-Identifier: Apache-2.0
"""The alerts of `bongsu run` beside a test that does much: counted as they come, and few of a kind kept, so that a rule
that floods fills no memory."""

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Iterable

from support.alert_schema import check_alert
from support.host import NAME
from support.monitor import Command, Event, finish, get
from support.running import PATIENCE_S, source_dir, until

KEPT = 10
Kind = tuple[str, str, str]  # who did it, rule, severity


def whom(alert: Event) -> str:
    """The container; on the host the name of the test's Host that it descends from, or nothing."""
    container = get(alert, "container.id")
    if container:
        return str(container)
    names = get(alert, "process.ancestors.name") or []
    return next((name for name in names if re.fullmatch(NAME, name)), "")


class Alerts:
    """The monitor with the default rules, as users run it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Kind] = Counter()
        self._kept: dict[Kind, list[Event]] = {}
        source, sink = os.pipe()
        self._thread = threading.Thread(target=self._read, args=(source,), daemon=True)
        self._thread.start()
        arguments = ("--rules", source_dir() / "rules", "--format", "json", "--listen", "off")
        try:
            self.monitor = Command("run", *arguments, stdout=sink)
        finally:
            os.close(sink)
        try:
            self.monitor.wait_ready()
        except BaseException:
            self.close()
            raise

    def _read(self, source: int) -> None:
        with os.fdopen(source, "rb") as stream:
            for line in stream:
                alert = json.loads(line)
                kind = (whom(alert), str(get(alert, "rule.id")), str(get(alert, "rule.severity")))
                with self._lock:
                    self._counts[kind] += 1
                    kept = self._kept.setdefault(kind, [])
                    if len(kept) < KEPT:
                        kept.append(alert)

    def counts(self) -> Counter[Kind]:
        with self._lock:
            return self._counts.copy()

    def kept(self, kinds: Iterable[Kind]) -> list[Event]:
        with self._lock:
            return [alert for kind in kinds for alert in self._kept[kind]]

    def rules_of(self, who: str) -> list[str]:
        """What has fired about them."""
        return sorted({rule for owner, rule, _ in self.counts() if owner == who})

    def wait(self, rule: str, who: str, timeout_s: float = PATIENCE_S) -> None:
        try:
            until(lambda: rule in self.rules_of(who), f"an alert of {rule}", timeout_s)
        except AssertionError as error:
            fired = ", ".join(self.rules_of(who)) or "nothing"
            raise AssertionError(f"{error}; fired instead: {fired}; {self.monitor.describe()[-2000:]}") from None

    def close(self) -> None:
        finish(self.monitor)
        self._thread.join(PATIENCE_S)
        for alert in self.kept(self.counts()):
            check_alert(alert)
