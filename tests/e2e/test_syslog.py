# SPDX-License-Identifier: Apache-2.0
"""Alerts at a real rsyslog, by UDP, TCP and TLS, also one that is away and one that dies."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.monitor import Command, Event, get
from support.rsyslog import PACKAGES, Message, Rsyslog, unpack
from support.rules import marked, write_rules
from support.running import until

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(
        not (PACKAGES / ".complete").exists(), reason=f"no rsyslog in {PACKAGES}: run 'sudo scripts/setup test'"
    ),
]

LOCAL3 = 19  # RFC 5424, 6.2.1
HIGH = 3  # severity "high", as an error


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch")
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("req", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-days", "2", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-extfile", f"{name}.ext", "-out", f"{name}.pem")  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("rsyslog"))


@pytest.fixture
def server(unpacked: Path, certificates: Path, tmp_path: Path) -> Iterator[Callable[[str], Rsyslog]]:
    made: list[Rsyslog] = []

    def make(transport: str) -> Rsyslog:
        made.append(Rsyslog(unpacked, tmp_path, transport, certificates if transport == "tls" else None))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def monitor(start: Callable[..., Command], marker: str, tmp_path: Path) -> Callable[..., Command]:
    def begin(address: str, **keys: Any) -> Command:
        rules = write_rules(tmp_path / "rules.json", marked(marker))
        retry = {"first": "10ms", "max": "100ms"}
        syslog = {"address": address, "facility": "local3", "retry": retry, **keys}
        (tmp_path / "config.json").write_text(json.dumps({"syslog": [syslog], "http": {"listen": "off"}}))
        running = start("run", "--config", tmp_path / "config.json", "--rules", rules, "--format", "json")
        running.wait_ready()
        return running

    return begin


def execute(marker: str, count: int = 1) -> None:
    for _ in range(count):
        subprocess.run(["/bin/true", marker], check=True)


def arrived(server: Rsyslog) -> dict[str, tuple[Message, Event]]:
    alerts = [(message, json.loads(message.text)) for message in server.messages()]
    return {get(alert, "event.id"): (message, alert) for message, alert in alerts}


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_an_alert_arrives_whole(
    monitor: Callable[..., Command], server: Callable[[str], Rsyslog], certificates: Path, marker: str, transport: str
) -> None:
    rsyslog = server(transport)
    rsyslog.start()
    tls = {"ca_file": "ca.pem", "cert_file": "client.pem", "key_file": "client.key"}
    keys = {"tls": {key: str(certificates / name) for key, name in tls.items()}} if transport == "tls" else {}
    host = "localhost" if transport == "tls" else "127.0.0.1"
    running = monitor(f"{transport}://{host}:{rsyslog.port}", **keys)
    execute(marker)
    [alert] = running.events.wait(lambda event: get(event, "rule.id") == "marked")
    until(rsyslog.messages, f"a message by {transport}; {running.describe()}")
    [message] = rsyslog.messages()
    assert json.loads(message.text) == alert
    assert message.priority == LOCAL3 * 8 + HIGH
    assert message.host == get(alert, "host.name")
    assert (message.program, message.process_id, message.message_id) == ("bongsu", str(running.pid), "marked")
    assert f'eventId="{get(alert, "event.id")}" ruleId="marked" severity="high"' in message.structured_data
    assert message.time == alert["@timestamp"][:26] + "Z"


def test_what_was_raised_while_nobody_listened_arrives_later(
    monitor: Callable[..., Command], server: Callable[[str], Rsyslog], marker: str
) -> None:
    rsyslog = server("tcp")
    running = monitor(f"tcp://127.0.0.1:{rsyslog.port}")
    execute(marker, 20)
    running.wait_log("Connection refused")
    rsyslog.start()
    until(lambda: len(arrived(rsyslog)) == 20, f"20 alerts; {running.describe()}")
    texts = [message.text for message in rsyslog.messages()]
    assert texts == [line.decode() for line in running.out.lines], "in the order in which they were raised"


def test_what_a_dead_server_had_not_read_is_sent_once_more(
    monitor: Callable[..., Command], server: Callable[[str], Rsyslog], marker: str
) -> None:
    rsyslog = server("tcp")
    rsyslog.start()
    running = monitor(f"tcp://127.0.0.1:{rsyslog.port}")
    execute(marker)
    until(lambda: len(arrived(rsyslog)) == 1, "the first alert")
    # From here on only its kernel takes what comes.
    rsyslog.signal(signal.SIGSTOP)
    execute(marker, 50)
    running.events.wait(lambda event: get(event, "rule.id") == "marked", 51)
    rsyslog.kill()
    rsyslog.start()
    execute(marker)
    until(lambda: len(arrived(rsyslog)) == 52, f"all 52 alerts; {running.describe()}")
    assert set(arrived(rsyslog)) == {get(alert, "event.id") for alert in running.events.all()}
