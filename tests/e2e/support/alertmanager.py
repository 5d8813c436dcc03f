# SPDX-License-Identifier: Apache-2.0
"""A real Alertmanager on loopback, from the package that scripts/setup has fetched and not installed."""

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from support.running import Running, until

PACKAGES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bongsu/servers"
PROGRAM = "prometheus-alertmanager"


# Its templates have to be where the package puts them: they are, for this process alone.
AS_IF_INSTALLED = 'mount -t overlay -o "lowerdir=$1/usr/share:/usr/share" overlay /usr/share && shift && exec "$@"'


def alertmanager_command(folder: Path) -> list[str | Path]:
    installed = shutil.which(PROGRAM)
    if installed:
        return [installed]
    packages = sorted(PACKAGES.glob(f"{PROGRAM}_*.deb"))
    assert packages, f"{PROGRAM} is missing: scripts/setup test fetches it"
    subprocess.run(["dpkg-deb", "--extract", packages[-1], folder], check=True)
    return ["unshare", "--mount", "sh", "-c", AS_IF_INSTALLED, "sh", folder, folder / "usr/bin" / PROGRAM]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Alertmanager:
    """Tells the webhook of everything at once. Running from the constructor to close()."""

    def __init__(self, folder: Path, webhook: str) -> None:
        folder.mkdir(parents=True)
        configuration = folder / "alertmanager.yml"
        configuration.write_text(json.dumps({  # which YAML includes
            "route": {"receiver": "test", "group_by": ["..."], "group_wait": "0s"},
            "receivers": [{"name": "test", "webhook_configs": [{"url": webhook}]}],
        }))  # fmt: skip
        address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}/api/v2/alerts"
        self._running = Running([
            *alertmanager_command(folder / "package"), f"--config.file={configuration}",
            f"--storage.path={folder / 'data'}", f"--web.listen-address={address}", "--cluster.listen-address=",
        ])  # fmt: skip
        try:
            until(lambda: self._ready(f"http://{address}/-/ready"), "Alertmanager is ready")
        except BaseException:
            self.close()
            raise

    def _ready(self, url: str) -> bool:
        assert self._running.process.poll() is None, self._running.describe()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def post(self, body: bytes) -> int:
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.code}: {error.read().decode()}") from error

    def alerts(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return json.load(answer)

    def close(self) -> None:
        self._running.process.kill()
        self._running.process.wait()
