# SPDX-License-Identifier: Apache-2.0
"""`bongsu verify`: what it says of a monitor that works, and of each thing that can be missing."""

import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import Command, Event, get, has_argument
from support.receiver import Receiver
from support.rules import marked, write_rules
from support.running import run_bongsu, source_dir

pytestmark = pytest.mark.kernel

RULES = source_dir() / "rules"
LISTEN = ("--listen", "127.0.0.1:0")


def url(monitor: Command) -> str:
    host, port = monitor.address()
    return f"http://{host}:{port}"


def verify(monitor: Command, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_bongsu("verify", "--url", url(monitor), *arguments)


def marker_of(result: subprocess.CompletedProcess[str]) -> str:
    found = re.match(r"executed: \S+/bongsu verify --monitor-verify ([0-9a-f]{16}), process \d+\n", result.stdout)
    assert found, f"{result.stdout}\n{result.stderr}"
    return found[1]


def test_all_is_well(watch: Callable[..., Command], receive: Callable[..., Receiver]) -> None:
    receiver = receive()
    monitor = watch(RULES, *LISTEN, "--webhook", receiver.url)
    for _ in range(2):
        result = verify(monitor, "--timeout", "60s")
        assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
        assert result.stderr == ""
        marker = marker_of(result)
        lines = result.stdout.splitlines()
        assert lines[1:3] == ["judged: rule monitor-verify matched", "delivered: stdout, webhook-1"]
        assert re.fullmatch(r"all is well, after \d+\.\d s", lines[3]), lines

        def of_this_call(event: Event, marker: str = marker) -> bool:
            return has_argument(marker)(event) and get(event, "rule.id") == "monitor-verify"

        # What it says is so: both have the alert by now.
        [alert] = monitor.events.wait(of_this_call, timeout_s=5)
        assert get(alert, "rule.severity") == "info"
        assert [alert for alert in receiver.alerts() if of_this_call(alert)]


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = run_bongsu("verify", "--url", f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert result.returncode == 1 and result.stdout == ""
    assert re.fullmatch(r"bongsu: cannot ask the monitor at 127\.0\.0\.1 port \d+: nobody answers there: .*--url\n",
                        result.stderr), result.stderr  # fmt: skip


def test_the_rule_is_not_loaded(watch: Callable[..., Command], marker: str, tmp_path: Path) -> None:
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), *LISTEN)
    result = verify(monitor)
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr.startswith("bongsu: the monitor has no rule monitor-verify: "), result.stderr


def test_out_of_scope(watch: Callable[..., Command]) -> None:
    monitor = watch(RULES, *LISTEN, "--scope", "containers")
    result = verify(monitor, "--timeout", "4s")
    assert result.returncode == 1
    assert re.match(r"bongsu: the monitor (left out|judges, but|has judged no).*\n", result.stderr), result.stderr
    assert marker_of(result)


def test_a_destination_refuses(watch: Callable[..., Command], receive: Callable[..., Receiver]) -> None:
    receiver = receive(answer=lambda _: 400)
    monitor = watch(RULES, *LISTEN, "--webhook", receiver.url)
    result = verify(monitor, "--timeout", "60s")
    assert result.returncode == 1
    assert "\njudged: rule monitor-verify matched\ndelivered: stdout\n" in result.stdout
    assert result.stderr.startswith("bongsu: the alert was not delivered to webhook-1: "), result.stderr


def test_no_destination_asks_for_it(watch: Callable[..., Command]) -> None:
    monitor = watch(RULES, *LISTEN, "--min-severity", "critical")
    result = verify(monitor, "--timeout", "60s")
    assert result.returncode == 1
    assert "\nleft out: stdout (" in result.stdout
    assert "no destination asks for it" in result.stderr


def test_not_ready(tmp_path: Path) -> None:
    """What answers 503 is asked until the time is over."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = Command("verify", "--url", f"http://127.0.0.1:{server.getsockname()[1]}", "--timeout", "1s")
        asked = 0
        server.settimeout(0.2)
        while running.process.poll() is None:
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            with connection:
                assert connection.recv(4096).startswith(b"GET /readyz ")
                text = b"not every probe is attached yet\n"
                connection.sendall(b"HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(text)
                                   + text)  # fmt: skip
                asked += 1
    assert running.wait() == 1
    assert asked > 1
    assert "not ready: not every probe is attached yet: " in running.err.text()


NO_SENSE = [
    ("--timeout", "soon"), ("--timeout", "0s"), ("--url", "127.0.0.1:9464"), ("--url", "https://127.0.0.1:9464"),
    ("--url", "http://127.0.0.1/metrics"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", NO_SENSE, ids=" ".join)
def test_a_flag_that_makes_no_sense(arguments: tuple[str, str]) -> None:
    result = run_bongsu("verify", *arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith(f"bongsu: {arguments[0]}: "), result.stderr
