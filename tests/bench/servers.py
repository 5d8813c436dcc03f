# SPDX-License-Identifier: Apache-2.0
"""redis-server and nginx on a loopback port of their own, from packages that are unpacked and not installed
(scripts/setup bench fetches them), each with the program that loads it."""

import os
import re
import shutil
import socket
from pathlib import Path

import children
from children import Failed, until

PACKAGES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bongsu/bench"


def unpacked(folder: Path) -> Path:
    """What scripts/setup fetched, below one folder."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for package in sorted(PACKAGES.glob("*.deb")):
            children.run(["dpkg-deb", "--extract", package, folder])
    return folder


def program(name: str, root: Path) -> list[str]:
    """How to call it: the installed one, or the unpacked one with the libraries that came with it."""
    if installed := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return [installed]
    libraries = sorted({str(path.parent) for path in root.glob("**/lib/**/*.so*")})
    for path in root.glob(f"usr/*bin/{name}"):
        return ["env", f"LD_LIBRARY_PATH={':'.join(libraries)}", str(path)]
    raise Failed(f"{name} is missing: run 'sudo scripts/setup bench'")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Redis:
    def __init__(self, folder: Path) -> None:
        root = unpacked(folder.parent / "unpacked")
        folder.mkdir(exist_ok=True)
        self._port = free_port()
        self._load = program("redis-benchmark", root)
        self._server = children.start(
            [*program("redis-server", root), "--port", str(self._port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", folder, "--logfile", folder / "log"])  # fmt: skip
        until(lambda: _listens(self._port), "redis-server listens")

    def microseconds(self, requests: int) -> float:
        printed = children.run([*self._load, "-p", str(self._port), "-t", "set,get", "-n", str(requests), "-c", "20",
                                "--csv"])  # fmt: skip
        rates = [float(rate) for rate in re.findall(r'^"(?:SET|GET)","([0-9.]+)"', printed, re.MULTILINE)]
        if len(rates) != 2:
            raise Failed(f"redis-benchmark printed something else: {printed[:200]}")
        return sum(1e6 / rate for rate in rates) / 2

    def close(self) -> None:
        children.stop(self._server)


class Nginx:
    CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""

    def __init__(self, folder: Path) -> None:
        root = unpacked(folder.parent / "unpacked")
        (folder / "www").mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o755)  # its worker is nobody
        (folder / "www" / "page").write_text("x" * 1024)
        self._port = free_port()
        self._load = program("wrk", root)
        configuration = folder / "nginx.conf"
        configuration.write_text(self.CONFIGURATION.format(folder=folder, port=self._port))
        # The path is compiled in for the log that is open before the configuration is read.
        self._server = children.start(
            [*program("nginx", root), "-c", configuration, "-e", folder / "error.log", "-p", folder])  # fmt: skip
        until(lambda: _listens(self._port) or self._server.poll() is not None, "nginx listens")
        if self._server.poll() is not None:
            raise Failed("nginx did not start: " + (folder / "error.log").read_text()[-300:])

    def microseconds(self, seconds: float) -> float:
        """An own connection for each request costs accept, open, writev, close: what a web server does all day."""
        printed = children.run([*self._load, "-t", "1", "-c", "16", "-d", f"{round(seconds)}s",
                                f"http://127.0.0.1:{self._port}/page"])  # fmt: skip
        found = re.search(r"Requests/sec:\s+([0-9.]+)", printed)
        if not found or "Non-2xx" in printed or float(found[1]) == 0:
            raise Failed(f"wrk printed something else: {printed[-300:]}")
        return 1e6 / float(found[1])

    def close(self) -> None:
        children.stop(self._server)
