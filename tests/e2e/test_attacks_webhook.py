# SPDX-License-Identifier: Apache-2.0
"""Webhook servers that mean harm, all at once: others get their alerts, memory stays bounded, nothing is followed."""

import contextlib
import itertools
import json
import signal
import socket
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.hostile import Deed, HostileServer, answer
from support.monitor import Command, get, has_argument
from support.rules import marked, write_rules
from support.running import peak_kb, until
from test_metrics import Metrics, ask, parse

pytestmark = pytest.mark.kernel

ALERTS = 8
MOST_MORE_KB = 64 << 10  # of memory: the buffers of all these connections, and what of answers is kept
REFUSED = 500


def for_ever(before: bytes, piece: bytes) -> Deed:
    return answer(lambda: itertools.chain([before], itertools.repeat(piece)))


def once(*pieces: bytes) -> Deed:
    return answer(lambda: iter(pieces))


def slowly(text: bytes) -> Deed:
    """A byte now and then: each read succeeds, the whole never ends."""
    pause = threading.Event()

    def pieces() -> Iterator[bytes]:
        for byte in itertools.cycle(text):
            pause.wait(0.02)
            yield bytes([byte])

    return answer(pieces)


def silence(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def bomb() -> bytes:
    """64 KiB that unpack to 64 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(bytes(64 << 20)) + packer.flush()


def with_length(status: str, body: bytes, *headers: str, length: str | None = None) -> Deed:
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {length or len(body)}", "", ""])
    return once(head.encode() + body)


def redirect(target: str) -> Deed:
    return with_length("307 Temporary Redirect", b"", f"Location: {target}")


# What each does to a request. None of these is an answer that says that the alert was taken.
HANGING: dict[str, Deed] = {
    "headers-without-end": for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"),
    "a-header-without-end": for_ever(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 4096),
    "a-status-line-without-end": for_ever(b"HTTP/1.1 200 ", b"x" * 4096),
    "slow-bytes": slowly(b"HTTP/1.1 200 OK\r\nX: y\r\n"),
    "100-continue-for-ever": for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a-body-without-end-refusing": for_ever(
        b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"
    ),
    "a-chunk-of-a-size-there-is-not": for_ever(
        b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", b"x" * 4096
    ),
    "silence": silence,
    "no-HTTP": for_ever(b"\x00\xff\x1b[2J\r\n", b"\x7fELF" * 1000 + b"\r\n"),
    "a-length-below-zero": with_length(f"{REFUSED} Oops", b"x", length="-1"),
    "a-length-beyond-all-numbers": with_length(f"{REFUSED} Oops", b"x", length="9" * 40),
    "a-packed-bomb": with_length(f"{REFUSED} Oops", bomb(), "Content-Encoding: gzip"),
    "come-back-in-a-million-years": with_length("503 Later", b"", "Retry-After: 31536000000000"),
}
# These say that nothing else would come of it.
REDIRECTING = {
    "a-redirect-to-a-file": "file:///etc/shadow",
    "a-redirect-to-the-clouds-metadata": "http://169.254.169.254/latest/meta-data/iam/",
}


class Servers:
    def __init__(self) -> None:
        self.canary = HostileServer(once(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        self.hanging = {name: HostileServer(deed) for name, deed in HANGING.items()}
        redirects = {name: redirect(target) for name, target in REDIRECTING.items()}
        redirects["a-redirect-to-another-port"] = redirect(self.canary.url())
        self.redirecting = {name: HostileServer(deed) for name, deed in redirects.items()}
        self.deep = HostileServer(with_length("200 OK", b"[" * 1_000_000, "Content-Type: application/json"))

    def close(self) -> None:
        for server in (self.canary, self.deep, *self.hanging.values(), *self.redirecting.values()):
            server.close()


@pytest.fixture
def servers() -> Iterator[Servers]:
    with contextlib.closing(Servers()) as all_of_them:
        yield all_of_them


def webhook(name: str, url: str, **more: object) -> dict:
    return {"name": name, "url": url, "timeout": "300ms", "retry": {"first": "50ms", "max": "200ms"}, **more}


def outcome(metrics: Metrics, sink: str, which: str) -> float:
    return metrics.value("bongsu_sink_alerts_total", f'sink="{sink}"', f'outcome="{which}"')


def tried(monitor: Command, servers: Servers) -> Metrics | None:
    """Once each has had its chance more than once, or has refused all."""
    metrics = parse(ask(monitor, "/metrics").body)
    again = all(
        metrics.value("bongsu_sink_attempts_total", f'sink="{name}"') >= (1 if "million" in name else 3)
        for name in servers.hanging
    )
    refused = all(outcome(metrics, name, "rejected") >= ALERTS for name in servers.redirecting)
    return metrics if again and refused and outcome(metrics, "good", "delivered") >= ALERTS else None


def test_hostile_servers_harm_nobody_but_themselves(
    start: Callable, receive: Callable, servers: Servers, marker: str, tmp_path: Path
) -> None:
    good = receive()
    hooks = [{"name": "good", "url": good.url}, webhook("deep", servers.deep.url(), format="elastic")]
    hooks += [webhook(name, server.url()) for name, server in (servers.hanging | servers.redirecting).items()]
    configuration = tmp_path / "config.json"
    configuration.write_text(json.dumps({"webhooks": hooks, "rules": [str(tmp_path / "rules.json")]}))
    write_rules(tmp_path / "rules.json", marked(marker))
    monitor = start("run", "--config", configuration, "--format", "json", "--listen", "127.0.0.1:0")
    monitor.wait_ready()
    before_kb = peak_kb(monitor.pid)
    for number in range(ALERTS):
        subprocess.run(["/bin/true", f"{marker}-{number}"], check=True)

    metrics = until(lambda: tried(monitor, servers), "every server has been tried")
    for name in servers.hanging:
        assert outcome(metrics, name, "delivered") == 0, name
        assert outcome(metrics, name, "rejected") == 0, name  # a server that is mended gets them yet
    assert servers.canary.connections == 0, "a redirect was followed"
    assert peak_kb(monitor.pid) - before_kb < MOST_MORE_KB

    # Whom nobody hinders has all of them, in order.
    def numbers(alerts: list[dict]) -> list[str]:
        return [get(alert, "process.args")[1] for alert in alerts if has_argument(marker)(alert)]

    assert numbers(good.alerts()) == numbers(monitor.events.all()) == [f"{marker}-{n}" for n in range(ALERTS)]
    lost = monitor.events.where(lambda a: get(a, "rule.id") == "agent-drop" and get(a, "bongsu.reason") == "rejected")
    assert {get(alert, "bongsu.event") for alert in lost} == {f"alerts to {name}" for name in servers.redirecting}
    assert not {ord(c) for c in monitor.err.text()} & ({*range(32), 0x7F} - {ord("\n")}), "a server writes our log"
    assert monitor.stop(signal.SIGTERM) == 0
