# SPDX-License-Identifier: Apache-2.0
"""`bongsu run` while things happen to it: new rules, floods, being tampered with; and what it says of itself."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import pytest
from support.container import ContainerHost
from support.kernel_maps import count_entries, entry, map_id, set_entry
from support.monitor import Command, Event, get
from support.rules import marked, rule, write_rules
from support.running import environment, until

pytestmark = pytest.mark.kernel


def is_rule(identifier: str) -> Callable[[Event], bool]:
    return lambda alert: get(alert, "rule.id") == identifier


def opened(marker: str, identifier: str = "opened") -> dict:
    return rule(identifier, {"file.path": {"contains": marker}}, event="open")


@pytest.fixture
def calls(compiled: Callable, open_folder: Path) -> Path:
    return Path(shutil.copy(compiled("calls"), open_folder / f"t{token_hex(7)}"))


@pytest.fixture
def rules(tmp_path: Path, marker: str) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    write_rules(folder / "exec.json", marked(marker))
    return folder


class Reload:
    """Tells the monitor to read its rules anew, and waits for its answer in the log."""

    def __init__(self, monitor: Command) -> None:
        self._monitor = monitor

    def __call__(self, answer: str) -> None:
        before = self._count(answer)
        self._monitor.process.send_signal(signal.SIGHUP)
        until(lambda: self._count(answer) > before, f"'{answer}' in the log once more")

    def _count(self, answer: str) -> int:
        return sum(answer.encode() in line for line in self._monitor.err.lines)


def read_marked(tmp_path: Path, marker: str, name: str) -> Path:
    path = tmp_path / f"{marker}-{name}"
    path.write_text("")
    subprocess.run(["/bin/sh", "-c", 'read -r line <"$0"; :', path], check=True)
    return path


def tell_exec(monitor: Command, marker: str, name: str) -> None:
    """What happened before this exec has been judged once its alert is there."""
    subprocess.run(["/bin/true", f"{marker}-{name}"], check=True)
    monitor.events.wait(lambda a: f"{marker}-{name}" in (get(a, "process.args") or []))


def test_new_rules_are_taken_while_it_runs(watch: Callable, rules: Path, marker: str, tmp_path: Path) -> None:
    monitor = watch(rules)
    reload = Reload(monitor)
    read_marked(tmp_path, marker, "before")

    write_rules(rules / "open.json", opened(marker))
    reload("rules reloaded: 2")
    wanted = read_marked(tmp_path, marker, "wanted")
    monitor.events.wait(is_rule("opened"))
    tell_exec(monitor, marker, "the old rule is in force as well")

    (rules / "open.json").unlink()
    reload("rules reloaded: 1")
    read_marked(tmp_path, marker, "after")
    tell_exec(monitor, marker, "still")
    assert monitor.stop(signal.SIGTERM) == 0
    # The file was made by this process, and read by the shell.
    alerts = monitor.events.where(lambda a: is_rule("opened")(a) and get(a, "process.pid") != os.getpid())
    assert [get(a, "file.path") for a in alerts] == [str(wanted)]


@pytest.mark.parametrize("damage", ["all", "one file"])
def test_broken_rules_leave_the_old_ones_in_force(
    watch: Callable, rules: Path, marker: str, tmp_path: Path, damage: str
) -> None:
    write_rules(rules / "open.json", opened(marker))
    monitor = watch(rules)
    reload = Reload(monitor)
    (rules / "open.json").write_text('{"rules": [')
    if damage == "all":
        (rules / "exec.json").write_text('{"rules": [{"id": 3}]}')
    reload("rules not reloaded")
    [alert] = monitor.events.wait(is_rule("agent-rule-error"))
    assert get(alert, "event.action") == "rule_error"
    assert "open.json" in get(alert, "bongsu.reason") or "exec.json" in get(alert, "bongsu.reason")
    assert get(alert, "event.severity") == 3 or get(alert, "event.severity") == "medium", alert
    read_marked(tmp_path, marker, "one")
    tell_exec(monitor, marker, "two")
    monitor.events.wait(is_rule("opened"))

    write_rules(rules / "open.json", opened(marker, "opened-anew"))
    write_rules(rules / "exec.json", marked(marker))
    reload("rules reloaded: 2")
    read_marked(tmp_path, marker, "three")
    monitor.events.wait(is_rule("opened-anew"))
    assert monitor.stop(signal.SIGTERM) == 0
    assert len(monitor.events.where(is_rule("agent-rule-error"))) == 1


def test_an_exec_storm_is_complete_across_a_reload(
    watch: Callable, compiled: Callable, rules: Path, marker: str, tmp_path: Path
) -> None:
    count = 1_000
    monitor = watch(rules)
    reload = Reload(monitor)
    storm = subprocess.Popen([compiled("storm"), str(count), marker, tmp_path / "record"])
    write_rules(rules / "open.json", opened("no such file"))
    reload("rules reloaded: 2")
    (rules / "open.json").unlink()
    reload("rules reloaded: 1")
    assert storm.wait() == 0
    tell_exec(monitor, marker, "end")
    assert monitor.stop(signal.SIGTERM) == 0
    children = [get(a, "process.args") for a in monitor.events.where(is_rule("marked"))]
    assert [int(args[3]) for args in children if args[1] == "--child"] == list(range(count))


def test_a_flood_in_a_container_is_told_with_its_id(
    watch: Callable, rules: Path, calls: Path, marker: str, tmp_path: Path
) -> None:
    write_rules(rules / "open.json", opened(marker))
    containers = ContainerHost(tmp_path / "containers", "runc", [calls])
    count = 40_000
    inside = f"/srv/{calls.name}"
    monitor = watch(rules, env=environment(BONGSU_SENSOR_EVENTS_PER_SECOND="500"))
    try:
        container = containers.new()
        containers.run(container, [inside, "open", inside, str(count)])
        alerts = monitor.events.wait(lambda a: is_rule("agent-flood")(a) and get(a, "container.id") == container.id)
    finally:
        containers.close()
    # What another container or the host does is told as ever.
    path = read_marked(tmp_path, marker, "beside")
    monitor.events.wait(lambda a: is_rule("opened")(a) and get(a, "file.path") == str(path))
    assert monitor.stop(signal.SIGTERM) == 0
    alerts = monitor.events.where(lambda a: is_rule("agent-flood")(a) and get(a, "container.id") == container.id)
    assert {get(a, "bongsu.event") for a in alerts} == {"open"}
    refused = sum(get(a, "bongsu.count") for a in alerts)
    assert count * 0.8 < refused < count + 1_000, refused  # runc's own opens on the way in are in it
    assert not monitor.events.where(lambda a: is_rule("agent-drop")(a) and get(a, "bongsu.reason") == "flood")


def test_being_stopped_is_told(watch: Callable, rules: Path) -> None:
    monitor = watch(rules)
    monitor.process.send_signal(signal.SIGSTOP)
    stopped_from = time.monotonic()
    until(lambda: time.monotonic() - stopped_from > 7, "7 s have passed")
    monitor.process.send_signal(signal.SIGCONT)
    [alert] = monitor.events.wait(is_rule("agent-tamper"))
    assert get(alert, "event.action") == "tamper"
    assert get(alert, "bongsu.event") == "stopped"
    assert "did not run for" in get(alert, "bongsu.reason")
    assert monitor.stop(signal.SIGTERM) == 0
    assert len(monitor.events.where(is_rule("agent-tamper"))) == 1


@pytest.mark.parametrize("name", ["settings", "calls"])
def test_settings_that_another_changed_are_told_and_set_right(
    watch: Callable, rules: Path, marker: str, tmp_path: Path, name: str
) -> None:
    write_rules(rules / "open.json", opened(marker))
    monitor = watch(rules)
    identifier = map_id(monitor.pid, name)
    # Of `calls` openat's entry; all zero: nothing is wanted, no call is looked at.
    key = 0 if name == "settings" else {"x86_64": 257, "aarch64": 56}[machine()]
    good = entry(identifier, key)
    assert any(byte != "00" for byte in good)
    set_entry(identifier, ["00"] * len(good), key)
    [alert] = monitor.events.wait(is_rule("agent-tamper"))
    assert get(alert, "bongsu.event") == f"map {name}"
    assert get(alert, "event.severity") in (5, "critical"), alert
    assert entry(identifier, key) == good
    path = read_marked(tmp_path, marker, "after")
    monitor.events.wait(lambda a: is_rule("opened")(a) and get(a, "file.path") == str(path))
    assert monitor.stop(signal.SIGTERM) == 0
    assert len(monitor.events.where(is_rule("agent-tamper"))) == 1


def machine() -> str:
    return subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()


def test_a_heartbeat_comes_again_and_again(watch: Callable, tmp_path: Path) -> None:
    alive = rule("alive", {"bongsu.count": {"gte": 0}}, event="heartbeat", severity="info")
    monitor = watch(write_rules(tmp_path / "rules.json", alive), env=environment(BONGSU_HEARTBEAT="1s"))
    beats = monitor.events.wait(is_rule("alive"), 4)
    assert all(get(a, "bongsu.count") is not None for a in beats)
    assert {get(a, "event.action") for a in beats} == {"heartbeat"}
    subprocess.run(["/bin/true"], check=True)
    monitor.events.wait(lambda a: is_rule("alive")(a) and get(a, "bongsu.count") > 0)
    assert monitor.stop(signal.SIGTERM) == 0
    assert not monitor.events.where(lambda a: str(get(a, "rule.id")).startswith("agent-"))


def test_out_of_scope_is_left_out_by_the_kernel(
    watch: Callable, rules: Path, calls: Path, marker: str, tmp_path: Path
) -> None:
    write_rules(rules / "open.json", opened(calls.name))
    containers = ContainerHost(tmp_path / "containers", "runc", [calls])
    monitor = watch(rules, "--scope", "containers")
    inside = f"/srv/{calls.name}"
    try:
        container = containers.new()
        subprocess.run([calls, "open", calls, "100"], check=True)
        containers.run(container, [inside, "open", inside, "3"])
    finally:
        containers.close()
    monitor.events.wait(is_rule("opened"), 3)
    assert count_entries(map_id(monitor.pid, "places")) > 0
    assert monitor.stop(signal.SIGTERM) == 0
    alerts = monitor.events.where(lambda a: is_rule("opened")(a) and get(a, "process.thread.name") == calls.name)
    assert [get(a, "container.id") for a in alerts] == [container.id] * 3
    assert {get(a, "file.path") for a in alerts} == {inside}
