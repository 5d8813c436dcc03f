# SPDX-License-Identifier: Apache-2.0
"""A real rsyslog on loopback, out of the packages that scripts/setup has fetched: unpacked, not installed."""

import os
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

from support.running import Running, environment, until

PACKAGES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bongsu/syslog"

# What it writes of each message, a line each, in the order of Message.
FIELDS = ("pri", "hostname", "app-name", "procid", "msgid", "structured-data", "timereported", "msg")


class Message(NamedTuple):
    priority: int
    host: str
    program: str
    process_id: str
    message_id: str
    structured_data: str
    time: str
    text: str


def unpack(folder: Path) -> Path:
    """The root that its files lie below; of what the machine has installed already, nothing was fetched."""
    for package in sorted(PACKAGES.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    return folder


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Rsyslog:
    """Listens on one port, by `transport`; `folder` keeps what it has written from one start to the next."""

    def __init__(self, root: Path, folder: Path, transport: str, certificates: Path | None = None) -> None:
        self._root = root
        self._folder = folder
        self._table = "udp" if transport == "udp" else "tcp"
        self._running: Running | None = None
        self.port = free_port(socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM)
        self._written = folder / "messages"
        self._configuration = folder / "rsyslog.conf"
        self._configuration.write_text(self._text(transport, certificates))

    def _text(self, transport: str, certificates: Path | None) -> str:
        module = "imudp" if transport == "udp" else "imtcp"
        files = driver = ""
        if certificates is not None:
            files = "".join(
                f' defaultNetstreamDriver{kind}File="{certificates / name}"'
                for kind, name in (("CA", "ca.pem"), ("Cert", "server.pem"), ("Key", "server.key"))
            )
            driver = ' streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/certvalid"'
        shapes = {"timereported": ' dateFormat="rfc3339"'}
        properties = [f'property(name="{field}"{shapes.get(field, "")})' for field in FIELDS]
        written = ' constant(value="\\t") '.join(properties)
        return (
            f'global(workDirectory="{self._folder}" maxMessageSize="256k"{files})\n'
            f'module(load="{module}"{driver})\n'
            f'template(name="fields" type="list") {{ {written} constant(value="\\n") }}\n'
            f'ruleset(name="all") {{ action(type="omfile" file="{self._written}" template="fields") }}\n'
            f'input(type="{module}" address="127.0.0.1" port="{self.port}" ruleset="all")\n'
        )

    def start(self) -> None:
        places = [prefix / "usr" for prefix in (self._root, Path("/"))]
        program = next(path for path in (place / "sbin/rsyslogd" for place in places) if path.exists())
        libraries = [str(path) for usr in ("usr/", "") for path in self._root.glob(f"{usr}lib/*-linux-gnu")]
        modules = [str(path) for place in places for path in place.glob("lib/*-linux-gnu/rsyslog")]
        self._running = Running(
            [program, "-n", "-f", self._configuration, "-i", self._folder / "pid", "-M", ":".join(modules)],
            env=environment(LD_LIBRARY_PATH=":".join(libraries)),
        )
        until(self._listens, f"rsyslog on port {self.port}; {self._running.describe()}")

    def _listens(self) -> bool:
        table = Path("/proc/net", self._table).read_text()
        return f" 0100007F:{self.port:04X} " in table

    def signal(self, number: int) -> None:
        assert self._running is not None
        self._running.process.send_signal(number)

    def kill(self) -> None:
        """As by kill -9."""
        if self._running is not None:
            self._running.kill()
            self._running = None

    def messages(self) -> list[Message]:
        if not self._written.exists():
            return []
        whole = self._written.read_text().split("\n")[:-1]
        return [Message(int(first), *rest) for first, *rest in (line.split("\t", len(FIELDS) - 1) for line in whole)]
