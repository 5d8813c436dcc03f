# SPDX-License-Identifier: Apache-2.0
"""What a rule says too often is held back, and told of by a roll-up: first, last and how many, nothing lost."""

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.monitor import Event, get, has_argument
from support.rules import marked, write_rules
from support.running import until

pytestmark = pytest.mark.kernel

COUNT = 500


def throttle(per: str, **more: Any) -> dict[str, Any]:
    return {"by": ["process.executable"], "per": per, **more}


def held(alert: Event) -> int:
    """0 for an alert that went out at once."""
    return get(alert, "bongsu.rollup.count") or 0


@pytest.fixture
def storm(compiled: Callable, tmp_path: Path, marker: str) -> Callable[[], None]:
    """COUNT + 1 execs of one program: its own, and its children's."""
    return lambda: subprocess.run([compiled("storm"), str(COUNT), marker, tmp_path / "record"], check=True)


def test_the_first_goes_out_and_the_end_tells_of_the_others(
    watch: Callable, receive: Callable, storm: Callable, marker: str, tmp_path: Path
) -> None:
    receiver = receive()
    rules = write_rules(tmp_path / "rules.json", marked(marker, throttle=throttle("1h", max=2)))
    monitor = watch(rules, "--webhook", receiver.url)
    storm()
    assert monitor.stop(signal.SIGTERM) == 0, monitor.describe()
    first, second, rollup = monitor.events.where(has_argument(marker))
    assert (held(first), held(second), held(rollup)) == (0, 0, COUNT - 1)
    # The event shown is the first that was held back.
    assert get(second, "process.args")[3] == "0"
    assert get(rollup, "process.args")[3] == "1"
    assert get(rollup, "bongsu.rollup.first") == get(rollup, "@timestamp") > get(second, "@timestamp")
    assert get(rollup, "bongsu.rollup.last") > get(rollup, "bongsu.rollup.first")
    assert f"{COUNT - 1} more between" in get(rollup, "message")
    assert len({get(a, "event.id") for a in (first, second, rollup)}) == 3
    assert [held(a) for a in receiver.alerts() if has_argument(marker)(a)] == [0, 0, COUNT - 1]


def test_a_window_that_is_over_is_told_of_without_a_further_event(
    watch: Callable, storm: Callable, marker: str, tmp_path: Path
) -> None:
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker, throttle=throttle("2s"))))
    storm()

    def told() -> int:
        return sum(held(a) or 1 for a in monitor.events.where(has_argument(marker)))

    until(lambda: told() == COUNT + 1, "every exec told of, once")
    alerts = monitor.events.where(has_argument(marker))
    assert held(alerts[0]) == 0 and any(held(a) for a in alerts)
    assert len(alerts) < COUNT / 2, "a storm of moments is no storm of alerts"
    assert monitor.stop(signal.SIGTERM) == 0
    assert told() == COUNT + 1


def test_text_says_it(watch: Callable, storm: Callable, marker: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker, throttle=throttle("1h")))
    monitor = watch(rules, "--format", "text")
    storm()
    assert monitor.stop(signal.SIGTERM) == 0
    assert re.search(rf"Test rule marked: {COUNT} more between 20\S+Z and 20\S+Z: ", monitor.out.text())


def test_by_default_each_program_has_a_window_of_its_own(watch: Callable, marker: str, tmp_path: Path) -> None:
    throttled = marked(marker)
    del throttled["throttle"]
    monitor = watch(write_rules(tmp_path / "rules.json", throttled))
    for program in ("/bin/true", "/bin/false", "/bin/true", "/bin/true"):
        subprocess.run([program, marker])
    assert monitor.stop(signal.SIGTERM) == 0
    alerts = [(Path(get(a, "process.args")[0]).name, held(a)) for a in monitor.events.where(has_argument(marker))]
    assert alerts[:2] == [("true", 0), ("false", 0)]
    assert alerts[2:] == [("true", 2)]
