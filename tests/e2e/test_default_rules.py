# SPDX-License-Identifier: Apache-2.0
"""Every default rule fires on a real action in a real container; how to add one: default_rules/__init__.py."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from default_rules import Trigger, triggers
from support.box import Box
from support.box_image import BoxImage
from support.host import Host
from support.monitor import Command, Event, finish, get
from support.running import source_dir

pytestmark = pytest.mark.kernel

# An alert comes within milliseconds; a machine that does other work may need more.
ALERT_S = 10.0
# A rule about the host may have just fired for somebody else and be held back: throttled by (rule, executable).
HOST_TRIES = 2


def enabled_rules() -> list[str]:
    enabled: dict[str, bool] = {}
    for path in sorted((source_dir() / "rules").rglob("*.json")):
        for rule in json.loads(path.read_text()).get("rules", []):
            if "id" in rule:
                enabled[rule["id"]] = rule.get("enabled", True)
            elif "enabled" in rule:
                enabled[rule["extends"]] = rule["enabled"]
    return [identifier for identifier, on in enabled.items() if on]


RULES = enabled_rules()
TRIGGERS = [trigger for trigger in triggers() if trigger.rule in RULES]


@pytest.fixture(scope="module")
def monitor() -> Iterator[Command]:
    """With the default rules, as users run it."""
    running = Command("run", "--rules", source_dir() / "rules", "--format", "json", "--listen", "off")
    try:
        running.wait_ready()
        yield running
    finally:
        finish(running)


@pytest.fixture
def box(image: BoxImage, monitor: Command) -> Iterator[Callable[..., Box]]:
    with contextlib.ExitStack() as stack:

        def make(**options: Any) -> Box:
            made = Box(image, **options)
            stack.callback(made.close)
            made.monitor_pid = monitor.pid
            return made

        yield make


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_trigger(rule: str) -> None:
    assert any(trigger.rule == rule for trigger in TRIGGERS), (
        f"no action shows that {rule} fires: write one into tests/e2e/default_rules/ (its __init__.py says how)"
    )


def test_every_trigger_is_of_a_rule() -> None:
    unknown = sorted({trigger.rule for trigger in triggers()} - set(RULES))
    assert not unknown, f"triggers of rules that are not there or not enabled: {', '.join(unknown)}"


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.name)
def test_a_rule_fires(trigger: Trigger, box: Callable[..., Box], monitor: Command, open_folder: Path) -> None:
    where: Box | Host
    if trigger.on_host:
        where = host = Host(open_folder, monitor.pid)
        is_its, tries = host.is_mine(), HOST_TRIES
    else:
        where = made = box(**trigger.options)
        is_its, tries = lambda event: get(event, "container.id") == made.id, 1
    for attempt in range(tries):
        trigger.action(where)
        try:
            monitor.events.wait(lambda e: get(e, "rule.id") == trigger.rule and is_its(e), timeout_s=ALERT_S)
        except AssertionError:
            if attempt + 1 < tries:
                continue
            others = sorted({str(get(event, "rule.id")) for event in monitor.events.where(is_its)})
            pytest.fail(
                f"{trigger.rule} did not fire; fired instead: {others}; what was done:\n" + "\n".join(where.log)
            )
        return


def test_a_box_by_itself_is_quiet(box: Callable[..., Box], monitor: Command) -> None:
    """Else the tests above could pass by what starting a box and acting in it does."""
    made = box(internet=True)
    made.sh("true")
    made.python("os.getpid()")
    made.put("/srv/file", b"")
    fence = box()  # its alert is judged after all that was done before
    fence.run(["/bin/bash", "-c", "exit"], tty=True)
    monitor.events.wait(lambda e: get(e, "container.id") == fence.id)
    alerts = monitor.events.where(lambda e: get(e, "container.id") == made.id)
    loud = [event for event in alerts if get(event, "rule.severity") not in ("info", "low")]
    assert not loud, json.dumps(loud, indent=1)


def test_nothing_was_lost(monitor: Command) -> None:
    lost: list[Event] = monitor.events.where(lambda e: get(e, "event.action") in ("drop", "flood"))
    assert not lost, json.dumps(lost, indent=1)
