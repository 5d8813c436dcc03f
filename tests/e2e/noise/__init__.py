# SPDX-License-Identifier: Apache-2.0
"""An everyday workload, as a healthy node has it: what each part does is what images, charts and operators do.

Each part is a function that takes the Node and returns when its work is done; they run beside each other. A part checks
that its work succeeded: a workload that fails would be quiet for the wrong reason.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.box import Box, Done
from support.box_image import BoxImage
from support.host import Host
from support.running import until

from noise.image import server_layer

# How long servers serve: two starts of cron's minute, and time enough for every part beside them.
SERVE_S = 100.0
PROBE_S = 3.0


class Node:
    """Boxes and the host, and what was started in them."""

    def __init__(self, image: BoxImage, host: Host, folder: Path) -> None:
        self.host = host
        self.boxes: list[Box] = []
        self.volumes = folder / "volumes"
        self.volumes.mkdir(mode=0o755)
        self.servers = server_layer(folder)
        self._image = image
        self._image.runner = host.runner
        self._stack = contextlib.ExitStack()
        self._lock = threading.Lock()

    def box(self, **options: Any) -> Box:
        """With the servers' packages in its image."""
        made = Box(self._image, layers=[self.servers], **options)
        with self._lock:
            self.boxes.append(made)
            self._stack.callback(made.close)
        return made

    def volume(self, name: str, mode: int = 0o777) -> Path:
        path = self.volumes / name
        path.mkdir()
        path.chmod(mode)
        return path

    def close(self) -> None:
        self._stack.close()
        self._image.runner = ()


def serve(probe: Callable[[], object], load: Callable[[], object]) -> None:
    """The probe every few seconds, as a kubelet does it, and a burst of load after each."""
    end = time.monotonic() + SERVE_S
    while time.monotonic() < end:
        began = time.monotonic()
        probe()
        load()
        time.sleep(max(0.0, PROBE_S - (time.monotonic() - began)))


def ready(probe: Callable[[], Done], what: str, box: Box) -> None:
    try:
        until(lambda: probe().returncode == 0, f"{what} is ready", timeout_s=120)
    except AssertionError as error:
        raise AssertionError(f"{error}; it said:\n{box.output}\n" + "\n".join(box.log[-3:])) from None
