# SPDX-License-Identifier: Apache-2.0
"""What the kernel side leaves out, as no rule can match it: the alerts are the same with and without it."""

import os
import random
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import pytest
from support.container import ContainerHost
from support.kernel_maps import entries, map_id, set_entry
from support.monitor import Command, Event, get
from support.rules import marked, rule, write_rules
from support.running import environment

pytestmark = pytest.mark.kernel

DEFAULT_RULES = Path(__file__).resolve().parents[2] / "rules"
WITHOUT = environment(BONGSU_SENSOR_KERNEL_FILTER="false")
LANES_BYTES = 8  # bongsu_gate.lanes comes first

# Words that the default rules look for in paths, and others.
COMPONENTS = (
    "etc", "proc", "self", "root", "var", "tmp", "run", "secrets", "kubernetes.io", "serviceaccount", "token", ".ssh",
    "id_rsa", "id_ed25519.pem", "shadow", "passwd", ".aws", "credentials", ".kube", "config", "environ", "mem", "maps",
    "kcore", "..", "..data", "host.keytab", "vault.kdbx", ".env", ".bash_history", "lib", "libc.so.6", "README",
    "Shadow", "x" * 90,
)  # fmt: skip


def some_opens(seed: int, folder: str) -> str:
    """A shell script that opens files by paths of such words; most of them are not there."""
    choose = random.Random(seed)
    lines = []
    for _ in range(300):
        path = "/".join(choose.choices(COMPONENTS, k=choose.randint(1, 5)))
        path = choose.choice((f"/{path}", f"{folder}/{path}", path))
        how = choose.choices(("<", ">>"), (4, 1))[0] if path.startswith(folder) else "<"
        lines.append(f"true {how}'{path}'")
    return "exec 2>/dev/null\n" + "\n".join(lines) + "\ntrue\n"


def connect_here_and_there() -> None:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, "127.9.9.9")):
        for port in (53, 389, 4444, 9050, 10250):
            with socket.socket(family, socket.SOCK_DGRAM) as udp:
                udp.connect_ex((address, port))
            with socket.socket(family, socket.SOCK_STREAM) as tcp:
                tcp.connect_ex((address, port))


def findings(monitor: Command, end: str, processes: set[int], containers: set[str]) -> Counter[tuple]:
    """What the alerts of one monitor are about, of these processes and of all in these containers, until the end."""

    def is_end(alert: Event) -> bool:
        return end in (get(alert, "process.args") or [])

    monitor.events.wait(is_end)
    assert monitor.stop(signal.SIGTERM) == 0
    about = ("rule.id", "process.pid", "file.path", "file.path_given", "error.code", "destination.ip",
             "destination.port", "container.id")  # fmt: skip
    until_end = takewhile(lambda a: not is_end(a), monitor.events.where(lambda _: True))
    alerts = [a for a in until_end if get(a, "process.pid") in processes or get(a, "container.id") in containers]
    return Counter(tuple(str(get(a, field)) for field in about) for a in alerts)


def in_use(gates: int) -> list[tuple[int, list[str]]]:
    return [(key, gate) for key, gate in entries(gates) if any(byte != "00" for byte in gate[:LANES_BYTES])]


@pytest.fixture
def rules(tmp_path: Path, marker: str) -> Path:
    """The default rules without their throttles, and some that ask for what only few do."""
    folder = tmp_path / "rules"
    folder.mkdir()
    in_folder = {"file.path": {"prefix": f"{tmp_path}/opened/"}}
    write_rules(
        folder / "own.json",
        marked(marker),
        rule("shadow", {"file.path": {"suffix": "/shadow"}}, event="open"),
        rule("key", {"file.name": {"glob": "*.{pem,keytab}"}}, event="open"),
        rule("climbs", {"file.path_given": {"contains": "/../"}}, event="open"),
        rule("written", in_folder | {"file.open_flags": "write"}, event="open"),
        rule("failed", in_folder | {"error.code": ["ENOTDIR", "ENAMETOOLONG"]}, event="open"),
        rule("secret", {"file.path": {"regex": r"/(\.ssh|\.aws)/[a-z_]+$"}, "event.outcome": "failure"}, event="open"),
        rule("in-container", {"container.id": {"exists": True}, "file.path": {"contains": "/proc/"}}, event="open"),
        rule("to-port", {"destination.port": [389, 9050]}, event="connect"),
        rule("not-loopback", {"not": {"destination.ip": {"cidr": ["127.0.0.0/30", "::1/128"]}}}, event="connect"),
    )
    return folder


def test_the_alerts_are_the_same_without_it(
    start: Callable[..., Command], rules: Path, marker: str, tmp_path: Path
) -> None:
    work = tmp_path / "opened"
    work.mkdir()
    script = tmp_path / "opens.sh"
    flags = ("run", "--rules", rules, "--rules", DEFAULT_RULES, "--format", "json")
    filtered = start(*flags, "--listen", "off")
    whole = start(*flags, "--listen", "off", env=WITHOUT)
    filtered.wait_ready()
    whole.wait_ready()
    containers = ContainerHost(tmp_path / "containers", "runc")
    processes, ids = {os.getpid()}, set()
    try:
        for seed in range(4):
            script.write_text(some_opens(seed, str(work)))
            with subprocess.Popen(["/bin/sh", script], cwd=work) as shell:
                processes.add(shell.pid)
            container = containers.new()
            ids.add(container.id)
            containers.run(container, ["/bin/sh", "-c", some_opens(seed, "/srv")])
    finally:
        containers.close()
    connect_here_and_there()
    subprocess.run(["/bin/true", f"{marker}-end"], check=True)
    found = findings(filtered, f"{marker}-end", processes, ids)
    expected = findings(whole, f"{marker}-end", processes, ids)
    assert found == expected, (found - expected, expected - found)
    by_rule = Counter(about[0] for about in expected.elements())
    for identifier in ("shadow", "key", "climbs", "written", "failed", "secret", "in-container", "to-port",
                       "not-loopback", "shadow-file-read"):  # fmt: skip
        assert by_rule[identifier] > 0, f"nothing for {identifier}: the test would not notice that it is left out"


def test_what_no_rule_can_match_does_not_leave_the_kernel(
    watch: Callable[..., Command], tmp_path: Path, marker: str, open_folder: Path
) -> None:
    rules = write_rules(
        tmp_path / "rules.json",
        marked(marker),
        rule("wanted", {"file.path": {"suffix": f"/{marker}"}, "file.open_flags": "read"}, event="open"),
    )
    monitor = watch(rules, "--listen", "127.0.0.1:0")
    count = 2_000
    (open_folder / "other").touch()
    (open_folder / marker).touch()
    opens = f"i=0; while [ $i -lt {count} ]; do true <other; true <gone; i=$((i+1)); done 2>/dev/null; true <{marker}"
    subprocess.run(["/bin/sh", "-c", opens], cwd=open_folder, check=True)
    monitor.events.wait(lambda a: get(a, "rule.id") == "wanted")
    subprocess.run(["/bin/true", f"{marker}-end"], check=True)
    monitor.events.wait(lambda a: f"{marker}-end" in (get(a, "process.args") or []))
    assert monitor.stop(signal.SIGTERM) == 0
    [alert] = monitor.events.where(lambda a: get(a, "rule.id") == "wanted" and get(a, "process.name") == "sh")
    assert get(alert, "file.path") == str(open_folder / marker)


def test_gates_that_another_changed_are_told_and_set_right(
    watch: Callable[..., Command], tmp_path: Path, marker: str
) -> None:
    wanted = tmp_path / f"{marker}.wanted"
    wanted.touch()
    rules = write_rules(
        tmp_path / "rules.json", rule("opened", {"file.path": {"suffix": f"/{wanted.name}"}}, event="open")
    )
    monitor = watch(rules)
    identifier = map_id(monitor.pid, "gates")
    [(key, good)] = in_use(identifier)
    closed = good[:LANES_BYTES] + ["00"] * (len(good) - LANES_BYTES)
    set_entry(identifier, closed, key)
    [alert] = monitor.events.wait(lambda a: get(a, "rule.id") == "agent-tamper")
    assert get(alert, "bongsu.event") == "map gates"
    assert in_use(identifier) == [(key, good)]
    wanted.read_text()
    monitor.events.wait(lambda a: get(a, "rule.id") == "opened")
    assert monitor.stop(signal.SIGTERM) == 0
