# SPDX-License-Identifier: Apache-2.0
"""Rules that change on disk while the monitor runs are taken by themselves, and nothing is lost or forgotten."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.monitor import Command, Event, get, has_argument
from support.rules import Rule, marked, rule, write_rules
from support.running import until
from test_metrics import ask, parse

pytestmark = pytest.mark.kernel


def is_rule(identifier: str) -> Callable[[Event], bool]:
    return lambda alert: get(alert, "rule.id") == identifier


class ConfigMap:
    """A folder as the kubelet mounts it: each version is a copy of its own, and a link that is swapped says which."""

    def __init__(self, folder: Path, *rules: Rule) -> None:
        self.folder = folder
        self._version = 0
        folder.mkdir()
        self.set(*rules)
        (folder / "rules.json").symlink_to("..data/rules.json")

    def set(self, *rules: Rule) -> None:
        self.set_text(json.dumps({"rules": list(rules)}))

    def set_text(self, text: str) -> None:
        old = self.folder / f"..v{self._version}"
        self._version += 1
        new = self.folder / f"..v{self._version}"
        new.mkdir()
        (new / "rules.json").write_text(text)
        link = self.folder / "..data_tmp"
        link.symlink_to(new.name)
        link.rename(self.folder / "..data")
        if old.exists():
            shutil.rmtree(old)


def wait_reloads(monitor: Command, count: int, answer: str = "rules reloaded") -> None:
    def seen() -> int:
        return sum(answer.encode() in line for line in monitor.err.lines)

    until(lambda: seen() >= count, f"'{answer}' {count} times in the log; {monitor.describe()}")
    assert seen() == count


def run_marked(*arguments: str) -> None:
    subprocess.run(["/bin/true", *arguments], check=True)


def metric(monitor: Command, name: str, *labels: str) -> float:
    return parse(ask(monitor, "/metrics").body).value(name, *labels)


def test_an_exec_storm_is_complete_across_swaps(
    watch: Callable, compiled: Callable, marker: str, tmp_path: Path
) -> None:
    count, swaps = 3_000, 3
    rules = ConfigMap(tmp_path / "rules", marked(marker))
    monitor = watch(rules.folder)
    record = tmp_path / "record"
    with subprocess.Popen([compiled("storm"), str(count), marker, record, "20"]) as storm:
        for swap in range(1, swaps + 1):
            # What these rules need is attached, and detached again.
            more = [rule("opened", {"file.path": "/no such file"}, event="open")] if swap % 2 else []
            rules.set(marked(marker), *more, rule(f"new-{swap}", {"process.args": f"{marker}-{swap}"}))
            wait_reloads(monitor, swap)
            run_marked(f"{marker}-{swap}")
        assert storm.wait() == 0
    run_marked(f"{marker}-end")
    monitor.events.wait(has_argument(f"{marker}-end"))
    assert monitor.stop(signal.SIGTERM) == 0
    children = [get(a, "process.args") for a in monitor.events.where(is_rule("marked"))]
    assert [int(args[3]) for args in children if args[1] == "--child"] == list(range(count))
    for swap in range(1, swaps + 1):
        assert len(monitor.events.where(is_rule(f"new-{swap}"))) == 1
    assert not monitor.events.where(lambda a: str(get(a, "rule.id")).startswith("agent-"))


def test_a_broken_file_keeps_the_old_rules_until_it_is_mended(watch: Callable, marker: str, tmp_path: Path) -> None:
    rules = ConfigMap(tmp_path / "rules", marked(marker))
    monitor = watch(rules.folder, "--listen", "127.0.0.1:0")
    rules.set_text('{"rules": [')
    wait_reloads(monitor, 1, "rules not reloaded")
    [alert] = monitor.events.wait(is_rule("agent-rule-error"))
    assert get(alert, "event.action") == "rule_error"
    assert "not reloaded" in get(alert, "message") and "rules.json:1:" in get(alert, "message")
    run_marked(marker)
    monitor.events.wait(is_rule("marked"))
    until(lambda: metric(monitor, "bongsu_rules_errors") == 1, "the error in the metrics")
    assert metric(monitor, "bongsu_rules") == 1
    assert metric(monitor, "bongsu_rules_last_read_taken") == 0
    assert metric(monitor, "bongsu_rules_reloads_total", 'outcome="refused"') == 1

    rules.set(marked(marker), marked(marker, "second"))
    wait_reloads(monitor, 1)
    run_marked(marker)
    monitor.events.wait(is_rule("second"))
    until(lambda: metric(monitor, "bongsu_rules") == 2, "the new rules in the metrics")
    assert metric(monitor, "bongsu_rules_errors") == 0
    assert metric(monitor, "bongsu_rules_last_read_taken") == 1
    until(lambda: metric(monitor, "bongsu_rule_matches_total", 'rule="marked"') == 2, "it goes on counting")
    assert monitor.stop(signal.SIGTERM) == 0
    assert len(monitor.events.where(is_rule("agent-rule-error"))) == 1


def test_a_bad_rule_disables_only_itself(watch: Callable, marker: str, tmp_path: Path) -> None:
    bad = marked(marker, "bad", event="exce")
    path = write_rules(tmp_path / "rules.json", marked(marker), bad)
    monitor = watch(path, "--listen", "127.0.0.1:0")
    [alert] = monitor.events.wait(is_rule("agent-rule-error"))
    assert "not in force" in get(alert, "message") and "exce" in get(alert, "message")
    assert get(alert, "bongsu.count") == 1
    monitor.wait_log("rule not in force")
    until(lambda: metric(monitor, "bongsu_rules_errors") == 1, "the error in the metrics")

    # An editor's save: a new file takes the old one's name.
    write_rules(tmp_path / "new", marked(marker, "another"), bad)
    (tmp_path / "new").rename(path)
    wait_reloads(monitor, 1)
    monitor.events.wait(is_rule("agent-rule-error"), 2)
    run_marked(marker)
    monitor.events.wait(is_rule("another"))
    assert monitor.stop(signal.SIGTERM) == 0
    assert not monitor.events.where(is_rule("marked"))


@pytest.mark.parametrize("way", ["count", "sequence", "throttle"])
def test_what_rules_remember_outlives_a_swap(watch: Callable, marker: str, tmp_path: Path, way: str) -> None:
    def step(word: str) -> dict[str, Any]:
        return {"event": "exec", "match": {"process.args": {"contains": f"{marker}-{word}"}}}

    remembering = marked(marker, "remembers")
    if way == "count":
        remembering["count"] = {"within": "1h", "at_least": 3}
    elif way == "sequence":
        del remembering["event"], remembering["match"]
        remembering["sequence"] = {"within": "1h", "steps": [step("1"), step("2"), step("3")]}
    else:
        remembering["throttle"] = {"per": "1h", "by": []}
    rules = ConfigMap(tmp_path / "rules", remembering)
    monitor = watch(rules.folder)
    run_marked(f"{marker}-1")
    run_marked(f"{marker}-2")
    rules.set(marked(f"{marker}-end", "end"), remembering)
    wait_reloads(monitor, 1)
    run_marked(f"{marker}-3")
    run_marked(f"{marker}-end")
    monitor.events.wait(is_rule("end"))
    assert monitor.stop(signal.SIGTERM) == 0
    alerts = monitor.events.where(is_rule("remembers"))
    told = [(get(a, "process.args")[1], get(a, "bongsu.rollup.count")) for a in alerts]
    if way == "throttle":
        assert told == [(f"{marker}-1", None), (f"{marker}-2", 3)]
    else:
        assert told == [(f"{marker}-3", None)]


def test_what_is_held_back_is_told_when_its_rule_goes(watch: Callable, marker: str, tmp_path: Path) -> None:
    rules = ConfigMap(tmp_path / "rules", marked(marker, throttle={"per": "1h", "by": []}))
    monitor = watch(rules.folder)
    for _ in range(3):
        run_marked(marker)
    monitor.events.wait(is_rule("marked"))
    rules.set(marked(marker, "another"))
    wait_reloads(monitor, 1)
    monitor.events.wait(is_rule("marked"), 2)
    _, rollup = monitor.events.where(is_rule("marked"))
    assert get(rollup, "bongsu.rollup.count") == 2
    assert monitor.stop(signal.SIGTERM) == 0


def test_a_file_beside_and_a_new_folder_are_seen(watch: Callable, marker: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    write_rules(folder / "a.json", marked(marker))
    monitor = watch(folder)
    (folder / "more").mkdir()
    write_rules(folder / "more" / "b.json", marked(marker, "second"))
    wait_reloads(monitor, 1)
    run_marked(marker)
    monitor.events.wait(is_rule("second"))
    (folder / "a.json").unlink()
    wait_reloads(monitor, 2)
    run_marked(marker)
    monitor.events.wait(is_rule("second"), 2)
    assert monitor.stop(signal.SIGTERM) == 0
    assert len(monitor.events.where(is_rule("marked"))) == 1


def test_an_exception_ends_when_it_expires(watch: Callable, marker: str, tmp_path: Path) -> None:
    excepted = marked(marker)
    expires = datetime.now(UTC) + timedelta(seconds=8)
    excepted["exceptions"] = [
        {"name": "soon over", "reason": "a test", "expires": expires.isoformat().replace("+00:00", "Z"),
         "match": {"process.args": {"contains": marker}}}
    ]  # fmt: skip
    rules = write_rules(tmp_path / "rules.json", excepted, marked(f"{marker}-end", "end"))
    monitor = watch(rules, "--listen", "127.0.0.1:0")
    run_marked(f"{marker}-end")
    monitor.events.wait(is_rule("end"))
    assert not monitor.events.where(is_rule("marked"))
    assert metric(monitor, "bongsu_rules_expired_exceptions") == 0
    wait_reloads(monitor, 1)
    assert datetime.now(UTC) >= expires
    run_marked(marker)
    monitor.events.wait(is_rule("marked"))
    until(lambda: metric(monitor, "bongsu_rules_expired_exceptions") == 1, "the expired exception in the metrics")
    assert monitor.stop(signal.SIGTERM) == 0
