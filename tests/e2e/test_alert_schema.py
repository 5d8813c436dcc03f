# SPDX-License-Identifier: Apache-2.0
"""Alerts of many kinds are as docs/alert.schema.json says. Other tests' alerts are looked at too, as they are read."""

import copy
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.alert_schema import check_alert, validator
from support.monitor import Event, get
from support.rules import rule
from support.running import source_dir

# What the script below does, and what the monitor says when its rules break.
ACTIONS = {"exec", "exit", "fork", "open", "unlink", "rename", "mkdir", "symlink", "chmod", "connect", "rule_error"}
SCRIPT = """
mkdir "$1/d" && echo x >"$1/d/a" && mv "$1/d/a" "$1/d/b" && ln -s b "$1/d/c" && chmod 600 "$1/d/b"
rm "$1/d/b" "$1/d/c"
for i in 1 2 3 4 5; do /bin/true "$1" --password "hunter $i"; done
python3 -c 'import socket; socket.socket().connect_ex(("127.0.0.1", 9))' "$1"
"""


def example() -> Event:
    page = (source_dir() / "docs/alerts.md").read_text()
    return json.loads(page.split("```json\n")[1].split("```")[0])


def test_the_example_is_one() -> None:
    assert not list(validator().iter_errors(example()))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda alert: alert.pop("rule"),
        lambda alert: alert["rule"].pop("id"),
        lambda alert: alert["rule"].update(severity="awful"),
        lambda alert: alert["event"].update(severity=6),
        lambda alert: alert["event"].update(action="no-event"),
        lambda alert: alert["process"].update(pid="8150"),
        lambda alert: alert["process"].update(nmae="curl"),
        lambda alert: alert.update({"@timestamp": "yesterday"}),
        lambda alert: alert["k8s"]["pod"]["label"].update(app=1),
        lambda alert: alert.update(bongsu={"rollup": {"count": 2}}),
    ],
)
def test_what_is_none_is_told(spoil: Callable) -> None:
    alert = copy.deepcopy(example())
    spoil(alert)
    assert list(validator().iter_errors(alert))


@pytest.mark.kernel
def test_alerts_of_many_kinds(watch: Callable, marker: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    place = tmp_path / marker
    place.mkdir()
    throttle = {"by": ["event.action"], "per": "1h", "max": 3}
    seen = [rule(f"saw-{action}", {"process.command_line": {"contains": marker}}, action, throttle=throttle)
            for action in sorted(ACTIONS - {"rule_error"})]  # fmt: skip
    for number, one in enumerate(seen):
        one["tags"] = ["seen", str(number)]
        one["attack"] = ["T1059.004"]
    (folder / "rules.json").write_text(json.dumps({"rules": seen}))
    monitor = watch(folder)
    subprocess.run(["sh", "-c", SCRIPT, "sh", place], check=True)
    (folder / "rules.json").write_text("{")
    monitor.events.wait(lambda alert: get(alert, "event.action") == "rule_error")
    assert monitor.stop(signal.SIGTERM) == 0, monitor.describe()
    alerts = monitor.events.all()
    for alert in alerts:
        check_alert(alert)
    assert {get(alert, "event.action") for alert in alerts} >= ACTIONS
    assert any(get(alert, "bongsu.rollup.count") for alert in alerts)
    assert {get(alert, "event.kind") for alert in alerts} == {"alert", "pipeline_error"}
