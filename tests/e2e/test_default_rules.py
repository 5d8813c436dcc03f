# SPDX-License-Identifier: Apache-2.0
"""Every default rule fires on a real action in a real container; how to add one: default_rules/__init__.py."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from default_rules import Trigger, triggers
from default_rules.escape import started
from support.alerts import Alerts
from support.box import Box
from support.box_image import BoxImage
from support.host import Host
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
def alerts() -> Iterator[Alerts]:
    watching = Alerts()
    yield watching
    watching.close()


@pytest.fixture
def box(image: BoxImage, alerts: Alerts) -> Iterator[Callable[..., Box]]:
    with contextlib.ExitStack() as stack:

        def make(**options: Any) -> Box:
            made = Box(image, **options)
            stack.callback(made.close)
            made.monitor_pid = alerts.monitor.pid
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
def test_a_rule_fires(trigger: Trigger, box: Callable[..., Box], alerts: Alerts, open_folder: Path) -> None:
    where: Box | Host = Host(open_folder, alerts.monitor.pid) if trigger.on_host else box(**trigger.options)
    reason = ""
    for _ in range(HOST_TRIES if trigger.on_host else 1):
        trigger.action(where)
        try:
            alerts.wait(trigger.rule, where.id, ALERT_S)
            return
        except AssertionError as error:
            reason = str(error)
    pytest.fail(f"{reason}\nwhat was done:\n" + "\n".join(where.log), pytrace=False)


def test_a_box_by_itself_is_quiet(box: Callable[..., Box], alerts: Alerts) -> None:
    """Else the tests above could pass by what starting a box and acting in it does."""
    made = box(internet=True)
    made.sh("true")
    made.python("os.getpid()")
    made.put("/srv/file", b"")
    fence = box()  # its alert is judged after all that was done before
    fence.run(["/bin/bash", "-c", "exit"], tty=True)
    alerts.wait("terminal-shell-in-container", fence.id)
    loud = [kind for kind in alerts.counts() if kind[0] == made.id and kind[2] not in ("info", "low")]
    assert not loud, json.dumps(alerts.kept(loud), indent=1)


def boxes_by_options() -> list[tuple[dict[str, Any], set[str]]]:
    """Boxes that are more than Docker's by themselves, and the rules that an action in such a one sets off."""
    boxes: dict[str, tuple[dict[str, Any], set[str]]] = {}
    for trigger in TRIGGERS:
        asked = trigger.options.keys() & {"privileged", "capabilities", "mounts"}
        if asked and "init" not in trigger.options and trigger.action is not started:
            rules = boxes.setdefault(repr(sorted(trigger.options.items())), (trigger.options, set()))[1]
            rules.add(trigger.rule)
    return list(boxes.values())


def test_the_start_of_a_box_is_not_its_action(box: Callable[..., Box], alerts: Alerts) -> None:
    """Rights and mounts set off the rules about the start of a container, no others."""
    made = [(box(**options), options, rules) for options, rules in boxes_by_options()]
    fence = box()
    fence.run(["/bin/bash", "-c", "exit"], tty=True)
    alerts.wait("terminal-shell-in-container", fence.id)
    early = [(options, sorted(rules & {*alerts.rules_of(one.id)})) for one, options, rules in made]
    early = [(options, fired) for options, fired in early if fired]
    assert not early, "\n".join(f"{options}: {', '.join(fired)}" for options, fired in early)


def test_nothing_was_lost(alerts: Alerts) -> None:
    lost = [kind for kind in alerts.counts() if kind[1] == "agent-drop"]
    assert not lost, json.dumps(alerts.kept(lost), indent=1)
