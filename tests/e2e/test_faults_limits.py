# SPDX-License-Identifier: Apache-2.0
"""No more descriptors, no more threads: judging goes on, what suffers is told, and it mends itself when there are some
again."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.limits import Group, no_more_descriptors
from support.monitor import Command, Event, alerts_in, get, has_argument
from support.rules import marked, write_rules
from support.running import run_bongsu, until

pytestmark = pytest.mark.kernel


def execute(marker: str) -> None:
    subprocess.run(["/bin/true", marker], check=True)


def is_rule(identifier: str) -> Callable[[Event], bool]:
    return lambda event: get(event, "rule.id") == identifier


def is_degraded(what: str) -> Callable[[Event], bool]:
    return lambda event: is_rule("agent-degraded")(event) and get(event, "bongsu.event") == what


def configuration(path: Path, **keys: object) -> Path:
    path.write_text(json.dumps({"http": {"listen": "off"}, **keys}))
    return path


@pytest.fixture
def processes() -> Iterator[Group]:
    group = Group("pids")
    yield group
    group.close()


@pytest.fixture
def monitor(start: Callable[..., Command], tmp_path: Path) -> Callable[..., Command]:
    """`bongsu run` with the rules in rules.d and these keys."""

    def begin(*arguments: str, **keys: object) -> Command:
        config = configuration(tmp_path / "config.json", **keys)
        running = start("run", "--config", config, "--rules", tmp_path / "rules.d", "--format", "json", *arguments)
        running.wait_ready()
        return running

    (tmp_path / "rules.d").mkdir()
    return begin


def test_no_descriptor_is_left_and_then_there_are_some(
    monitor: Callable[..., Command], receive: Callable, marker: str, tmp_path: Path
) -> None:
    rules, log = tmp_path / "rules.d/rules.json", tmp_path / "alerts.jsonl"
    write_rules(rules, marked(marker))
    receiver = receive()
    running = monitor(
        files=[{"path": str(log)}],
        webhooks=[{"name": "hook", "url": receiver.url, "retry": {"first": "50ms", "max": "200ms"},
                   "spool": {"directory": str(tmp_path / "spool")}}],
    )  # fmt: skip
    with no_more_descriptors(running.pid):
        log.rename(tmp_path / "moved")  # the file sink needs a descriptor for the next one
        write_rules(rules, marked(marker), marked(marker, "later"))
        execute(f"{marker}-without")
        running.events.wait(has_argument(f"{marker}-without"))
        [told] = running.events.wait(is_rule("agent-rule-error"))
        assert "Too many open files" in get(told, "message")
        assert "file-1" in running.wait_log("alerts.jsonl: Too many open files")
        assert "hook" in running.wait_log("hook: ")
        assert not receiver.alerts() and not log.exists()
    # By itself: the rules as they are by now, the file, the webhook, and the watch of later changes.
    running.wait_log("rules reloaded: 2")
    execute(f"{marker}-again")
    running.events.wait(lambda alert: is_rule("later")(alert) and has_argument(f"{marker}-again")(alert))

    def arrived(alerts: list[Event]) -> bool:
        words = {get(alert, "process.args")[1] for alert in alerts if has_argument(marker)(alert)}
        return {f"{marker}-without", f"{marker}-again"} <= words

    until(lambda: arrived(receiver.alerts()), "both at the webhook")
    until(lambda: arrived(alerts_in(log)), "both in the file")
    write_rules(rules, marked(marker))
    running.wait_log("rules reloaded: 1")
    refusals = [line for line in running.err.lines if b"rules not reloaded" in line]
    assert len(refusals) == 1, "the same failure is told once"
    assert len(running.events.where(is_rule("agent-rule-error"))) == 1


@pytest.mark.parametrize("descriptors", [20, 32, 40])
def test_too_few_descriptors_for_a_start_are_told(descriptors: int, marker: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    before = ["prlimit", f"--nofile={descriptors}:{descriptors}", "--"]
    result = run_bongsu("run", "--rules", rules, "--listen", "off", before=before)
    assert result.returncode == 1, result.stderr
    last = result.stderr.splitlines()[-1]
    assert last.startswith("bongsu: ") and "too many open files" in last.lower(), result.stderr
    assert "internal error" not in result.stderr and result.stdout == ""


def test_a_sink_without_a_thread_gets_one_later(
    processes: Group, monitor: Callable[..., Command], receive: Callable, marker: str, tmp_path: Path
) -> None:
    receiver = receive()
    write_rules(tmp_path / "rules.d/rules.json", marked(marker))
    running = monitor()
    processes.take(running.pid)  # all threads of it
    processes.write("pids.max", str(len(os.listdir(f"/proc/{running.pid}/task"))))
    configuration(tmp_path / "config.json", files=[{"name": "late", "path": str(tmp_path / "alerts.jsonl")}],
                  webhooks=[{"name": "hook", "url": receiver.url}])  # fmt: skip
    [told] = running.events.wait(is_rule("agent-rule-error"))
    assert "configuration not reloaded: webhook hook: no thread" in get(told, "message")
    # A file needs its thread only to be written to.
    configuration(tmp_path / "config.json", files=[{"name": "late", "path": str(tmp_path / "alerts.jsonl")}])
    running.wait_log("late: alerts wait, there is no thread to deliver them")
    [told] = running.events.wait(is_degraded("thread of late"))
    assert "Resource temporarily unavailable" in get(told, "message")
    execute(f"{marker}-without")
    running.events.wait(has_argument(f"{marker}-without"))

    processes.write("pids.max", "max")
    log = tmp_path / "alerts.jsonl"
    until(lambda: any(map(has_argument(f"{marker}-without"), alerts_in(log))), "what waited is written")
    execute(f"{marker}-afterwards")
    until(lambda: any(map(has_argument(f"{marker}-afterwards"), alerts_in(log))), "what comes is written")
    assert running.process.poll() is None


def test_a_recording_without_a_thread_is_refused_in_a_clear_line(
    processes: Group, marker: str, tmp_path: Path
) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    processes.write("pids.max", "2")  # itself, and the thread of stdout
    result = run_bongsu("run", "--rules", rules, "--listen", "off", "--record", tmp_path / "run.rec",
                        before=processes.enter)  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("bongsu: no thread to write the recording: "), result.stderr
