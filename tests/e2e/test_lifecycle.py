# SPDX-License-Identifier: Apache-2.0
"""How the monitor ends, and how it lives with destinations that are not there."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import Command, get, has_argument
from support.receiver import Receiver
from support.rules import marked, write_rules
from support.running import program, until

pytestmark = pytest.mark.kernel

BURST = 2000
EXIT_WITHIN_S = 5.0


def burst(compiled: Callable, tmp_path: Path, marker: str, count: int) -> None:
    """`count` execs that the rule matches, one after the other."""
    subprocess.run([compiled("storm"), str(count), marker, tmp_path / "storm"], check=True)


def numbers(alerts: list[dict]) -> list[int]:
    """Which of the burst's children the alerts are about."""
    children = [get(alert, "process.args") for alert in alerts if get(alert, "process.args")[1] == "--child"]
    return sorted(int(args[3]) for args in children)


def stop_timed(monitor: Command, signal_number: int) -> int:
    started = time.monotonic()
    code = monitor.stop(signal_number)
    took_s = time.monotonic() - started
    assert took_s < EXIT_WITHIN_S, f"ended after {took_s:.1f} s"
    return code


@pytest.mark.parametrize("transport", ["ring", "perf"])
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_what_the_ring_holds_is_judged_and_delivered(
    watch: Callable, receive: Callable, compiled: Callable, marker: str, tmp_path: Path, signal_number: int,
    transport: str,
) -> None:  # fmt: skip
    receiver = receive()
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    monitor = watch(rules, "--webhook", receiver.url, "--transport", transport)
    # Held still, so that all of the burst is in the ring when the signal comes.
    monitor.process.send_signal(signal.SIGSTOP)
    burst(compiled, tmp_path, marker, BURST)
    started = time.monotonic()
    monitor.process.send_signal(signal_number)
    code = monitor.stop(signal.SIGCONT)
    took_s = time.monotonic() - started
    assert code == 0, monitor.describe()
    assert took_s < EXIT_WITHIN_S, f"ended after {took_s:.1f} s"
    alerts = monitor.events.where(has_argument(marker))
    assert numbers(alerts) == list(range(BURST)), monitor.describe()
    posted = [alert for alert in receiver.alerts() if has_argument(marker)(alert)]
    assert {get(a, "event.id") for a in posted} == {get(a, "event.id") for a in alerts}
    assert len(posted) == len(alerts), "an alert is delivered once where the receiver takes it"


def test_a_signal_in_the_middle_of_a_burst(
    watch: Callable, receive: Callable, compiled: Callable, marker: str, tmp_path: Path
) -> None:
    receiver = receive()
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), "--webhook", receiver.url)
    burst(compiled, tmp_path, marker, BURST)
    assert stop_timed(monitor, signal.SIGTERM) == 0, monitor.describe()
    alerts = monitor.events.where(has_argument(marker))
    assert numbers(alerts) == list(range(BURST))
    assert numbers([a for a in receiver.alerts() if has_argument(marker)(a)]) == list(range(BURST))


def test_nothing_stays_attached(watch: Callable, tmp_path: Path, marker: str) -> None:
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)))
    held = [os.readlink(link) for link in Path(f"/proc/{monitor.pid}/fd").iterdir()]
    assert any("bpf" in target for target in held), "the test looks for the wrong thing"
    assert stop_timed(monitor, signal.SIGTERM) == 0
    # A link or program goes with its last descriptor, unless it was pinned.
    bpffs = Path("/sys/fs/bpf")
    assert not [path for path in bpffs.rglob("*bongsu*")] if bpffs.exists() else True


def test_a_hang_up_is_no_end(watch: Callable, marker: str, tmp_path: Path) -> None:
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)))
    monitor.process.send_signal(signal.SIGHUP)
    subprocess.run(["/bin/true", marker], check=True)
    monitor.events.wait(has_argument(marker))
    assert monitor.process.poll() is None
    assert stop_timed(monitor, signal.SIGTERM) == 0


def test_a_reader_of_stdout_that_goes_away(receive: Callable, start: Callable, marker: str, tmp_path: Path) -> None:
    receiver = receive()
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    reader, writer = os.pipe()
    monitor = start("run", "--rules", rules, "--listen", "off", "--webhook", receiver.url, stdout=writer)
    os.close(writer)
    monitor.wait_ready()
    os.close(reader)
    subprocess.run(["/bin/true", marker], check=True)

    # Not a word is death by SIGPIPE, or an end without a reason; going on without stdout is well, as is ending.
    until(lambda: any(b"stdout" in line or b"standard output" in line for line in monitor.err.lines),
          "a word about stdout on stderr")  # fmt: skip
    until(lambda: receiver.alerts(), "the webhook is told all the same")
    if monitor.process.poll() is None:
        code = stop_timed(monitor, signal.SIGTERM)
        assert code in (0, 1), monitor.describe()
    else:
        assert monitor.wait() == 1, monitor.describe()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quick_retry(path: Path, url: str) -> Path:
    path.write_text(json.dumps({"webhooks": [{"url": url, "retry": {"first": "20ms", "max": "100ms"}}]}))
    return path


def test_a_receiver_that_comes_late_is_told_all(
    watch: Callable, receive: Callable, marker: str, tmp_path: Path
) -> None:
    port = free_port()
    config = quick_retry(tmp_path / "config.json", f"http://127.0.0.1:{port}/alerts")
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), "--config", config)
    for number in range(5):
        subprocess.run(["/bin/true", f"{marker}-{number}"], check=True)
    monitor.events.wait(has_argument(marker), 5)
    # It has tried, and said so, before there is anyone to listen.
    until(lambda: any(b"webhook" in line for line in monitor.err.lines), "a word about the webhook on stderr")
    receiver: Receiver = receive(port=port)
    until(lambda: len(receiver.alerts()) == 5, "5 alerts at the webhook")
    assert [get(alert, "process.args")[1] for alert in receiver.alerts()] == [f"{marker}-{n}" for n in range(5)]
    assert stop_timed(monitor, signal.SIGTERM) == 0, monitor.describe()
    assert len(receiver.alerts()) == 5


def test_a_receiver_that_is_busy_is_tried_again(
    watch: Callable, receive: Callable, marker: str, tmp_path: Path
) -> None:
    receiver: Receiver = receive(answer=lambda request: 503 if request < 3 else 200)
    config = quick_retry(tmp_path / "config.json", receiver.url)
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), "--config", config)
    subprocess.run(["/bin/true", marker], check=True)
    [alert] = monitor.events.wait(has_argument(marker))
    until(receiver.alerts, "the alert at the webhook")
    assert receiver.alerts() == [alert]
    assert len(receiver.requests) == 4
    assert stop_timed(monitor, signal.SIGTERM) == 0, monitor.describe()


@pytest.mark.parametrize("way", ["refused", "silent"])
def test_a_receiver_that_never_comes_does_not_hold_up_the_end(
    watch: Callable, marker: str, tmp_path: Path, way: str
) -> None:
    count = 7
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if way == "silent":  # it takes the connection, and never answers
            listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/alerts"
        monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), "--webhook", url)
        for number in range(count):
            subprocess.run(["/bin/true", f"{marker}-{number}"], check=True)
        monitor.events.wait(has_argument(marker), count)
        code = stop_timed(monitor, signal.SIGTERM)
    assert code in (0, 1), monitor.describe()
    lines = [line for line in monitor.err.text().splitlines() if re.search(rf"\b{count}\b.*alerts", line)]
    assert lines, f"it does not say that {count} alerts were not delivered: {monitor.err.text()}"
    assert re.search("lost|not delivered|undelivered", lines[0]), lines[0]


def test_two_monitors_at_once(watch: Callable, marker: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    first, second = watch(rules), watch(rules)
    subprocess.run([program(), "version", marker], capture_output=True)
    for monitor in (first, second):
        monitor.events.wait(has_argument(marker))
        assert stop_timed(monitor, signal.SIGTERM) == 0
