# SPDX-License-Identifier: Apache-2.0
"""Memory: what waits and what is remembered stays within its bounds, so that a limit that holds them is never reached;
and when the kernel ends the monitor all the same, the next one says so and delivers what was left."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.chaos import ChaoticReceiver, Mood
from support.limits import Group
from support.monitor import Command, get, has_argument
from support.rules import marked, rule, write_rules
from support.running import run_bongsu, until
from test_metrics import Metrics, ask, parse

pytestmark = pytest.mark.kernel

LONG = 12 << 10  # bytes of an argument: some 25 KiB of JSON
ENOUGH = 2500  # alerts that do not fit into the bound
BOUND = 64 << 20  # of what waits for a sink, and of what rules remember
BATCH = 2 << 20  # that is on its way
LIMIT = 320 << 20


@pytest.fixture
def group() -> Iterator[Group]:
    made = Group("memory")
    yield made
    made.close()


def storm(marker: str, count: int) -> None:
    """That many programs with a long argument, each with another number."""
    loop = 'i=0; while [ $i -lt "$1" ]; do /bin/true "$2-$i" "$3"; i=$((i + 1)); done'
    subprocess.run(["/bin/sh", "-c", loop, "sh", str(count), marker, "x" * LONG], check=True)


def counting(marker: str) -> dict:
    """Remembers a key of each of them."""
    return rule("counting", {"process.args": {"contains": marker}}) | {
        "count": {"by": ["process.command_line"], "within": "1h", "at_least": 1000}
    }


def test_under_a_limit_that_holds_the_bounds_it_lives(
    group: Group, start: Callable[..., Command], receiver: ChaoticReceiver, marker: str, tmp_path: Path
) -> None:
    group.limit_memory(LIMIT)
    rules = write_rules(tmp_path / "rules.json", marked(marker), counting(marker))
    (tmp_path / "config.json").write_text(json.dumps({"webhooks": [
        {"name": "hook", "url": receiver.url, "timeout": "1s", "retry": {"first": "50ms", "max": "100ms"},
         "batch": {"max_alerts": 50, "max_wait": "20ms"}}]}))  # fmt: skip
    monitor = start("run", "--config", tmp_path / "config.json", "--rules", rules, "--listen", "127.0.0.1:0",
                    "--format", "json", before=group.enter)  # fmt: skip
    monitor.wait_ready()
    receiver.turn(Mood.DEAD)
    storm(marker, ENOUGH)
    monitor.events.wait(has_argument(f"{marker}-{ENOUGH - 1}"))
    [told, *_] = monitor.events.wait(lambda alert: get(alert, "bongsu.event") == "alerts to hook")
    assert get(told, "bongsu.reason") == "made_room"

    def full() -> Metrics | None:
        metrics = parse(ask(monitor, "/metrics").body)
        queued = metrics.value("bongsu_sink_queued_bytes", 'sink="hook"')
        return metrics if queued > BOUND / 2 and metrics.value("bongsu_rule_state_bytes") > 0 else None

    metrics = until(full, "the metrics tell of it")
    assert metrics.value("bongsu_sink_queued_bytes", 'sink="hook"') <= BOUND + BATCH
    assert metrics.value("bongsu_rule_state_bytes") <= BOUND
    assert group.killed() == 0
    receiver.turn(Mood.WELL)
    subprocess.run(["/bin/true", f"{marker}-last"], check=True)
    monitor.events.wait(has_argument(f"{marker}-last"))
    until(lambda: any(has_argument(f"{marker}-last")(alert) for alert in receiver.arrived), "the last one arrives")
    assert monitor.stop(signal.SIGTERM) == 0, monitor.describe()
    assert group.killed() == 0


def test_when_the_kernel_ends_it_the_next_one_tells_of_the_gap(
    group: Group, start: Callable[..., Command], receiver: ChaoticReceiver, marker: str, tmp_path: Path
) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    (tmp_path / "config.json").write_text(json.dumps({
        "http": {"listen": "off"}, "state": {"directory": str(tmp_path / "state")},
        "webhooks": [{"name": "hook", "url": receiver.url, "timeout": "1s",
                      "batch": {"max_alerts": 50, "max_wait": "20ms"},
                      "spool": {"directory": str(tmp_path / "spool")}}],
    }))  # fmt: skip
    arguments = ("run", "--config", tmp_path / "config.json", "--rules", rules, "--format", "json")
    receiver.turn(Mood.DEAD)
    first = start(*arguments, before=group.enter)
    first.wait_ready()
    subprocess.run(["/bin/true", f"{marker}-spooled"], check=True)
    [spooled] = first.events.wait(has_argument(f"{marker}-spooled"))
    until(lambda: (tmp_path / "state/watch.json").stat().st_size > 0, "the note")
    # Held still with a little room, so that it meets its limit at the first thing that it does then.
    first.process.send_signal(signal.SIGSTOP)
    storm(marker, 300)
    group.limit_memory(group.memory() + (1 << 20))
    first.process.send_signal(signal.SIGCONT)
    storm(marker, 1000)
    assert first.wait() == -signal.SIGKILL, first.describe()
    assert group.killed() >= 1

    receiver.turn(Mood.WELL)
    second = start(*arguments)
    second.wait_ready()
    [gap] = second.events.wait(lambda alert: get(alert, "rule.id") == "agent-gap")
    assert get(gap, "bongsu.reason") == "the monitor was killed"
    until(lambda: get(spooled, "event.id") in receiver.ids(), "what the first one left arrives")
    subprocess.run(["/bin/true", f"{marker}-second"], check=True)
    second.events.wait(has_argument(f"{marker}-second"))


@pytest.mark.parametrize("mebibytes", [34, 40])
def test_no_memory_at_the_start_is_told_in_a_clear_line(mebibytes: int, marker: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    before = ["prlimit", f"--as={mebibytes << 20}", "--"]
    result = run_bongsu("run", "--rules", rules, "--listen", "off", before=before)
    assert result.returncode == 1, result.stderr
    last = result.stderr.splitlines()[-1].lower()
    assert last.startswith("bongsu: ") and "memory" in last, result.stderr
    assert "internal error" not in result.stderr
