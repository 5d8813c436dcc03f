# SPDX-License-Identifier: Apache-2.0
"""Memory and CPU of the monitor when nothing happens, and its memory after a long run: 2,000 containers, one after the
other, with 50 processes each."""

import contextlib
import json
import time
from collections import deque
from pathlib import Path
from secrets import token_hex
from subprocess import DEVNULL, Popen
from typing import Any
from uuid import uuid4

import children
from bench import Bench, Data
from children import Failed, say
from measure import spread
from monitor import total
from support.container import cgroup_roots

AT_ONCE = 4
PROCESSES = 50


def idle(bench: Bench) -> Data:
    """With the default rules, on a host where nothing is started."""
    seconds = bench.pick(15, 60)
    with bench.monitor() as monitor:
        before = monitor.settled()
        began, cpu = time.monotonic(), monitor.cpu_ns()
        windows = []
        for _ in range(5):
            at, ran = time.monotonic(), monitor.cpu_ns()
            time.sleep(seconds / 5)
            windows.append((monitor.cpu_ns() - ran) / 1e7 / (time.monotonic() - at))
        whole = (monitor.cpu_ns() - cpu) / 1e7 / (time.monotonic() - began)
        memory = monitor.memory_kib()
        after = monitor.metrics()
    judged = total(after, "bongsu_judged_events_total") - total(before, "bongsu_judged_events_total")
    return {"seconds": seconds, "cpu_percent": whole, "windows_percent": spread(windows), "memory_kib": memory,
            "events_judged": judged}  # fmt: skip


class Boxes:
    """Cgroups with the paths of a pod's containers and bundles with the annotations of containerd, without a runtime,
    whose own work would be most of the run."""

    def __init__(self, folder: Path, work: Path) -> None:
        # Where each controller has a hierarchy of its own, one of them without any is enough.
        unified = [root for root in cgroup_roots() if (root / "cgroup.controllers").exists()]
        if not unified:
            raise Failed("there is no cgroup v2 here")
        self._root = unified[0]
        self._bundles = folder / "bundles"
        self._bundles.mkdir(exist_ok=True)
        self._inside, self._spawns = work / "inside", work / "spawns"

    @property
    def bundles(self) -> Path:
        return self._bundles

    def _bundle(self, identifier: str, pod: str) -> None:
        (self._bundles / identifier).mkdir()
        spec = {
            "ociVersion": "1.1.0",
            "process": {"args": ["/bin/app"], "cwd": "/", "env": [f"VARIABLE_{n}=value" for n in range(40)]},
            "root": {"path": "rootfs"},
            "mounts": [{"destination": f"/mnt/{n}", "type": "bind", "source": f"/data/{n}"} for n in range(30)],
            "annotations": {
                "io.kubernetes.cri.container-type": "container",
                "io.kubernetes.cri.container-name": "app",
                "io.kubernetes.cri.image-name": "docker.io/library/app:1",
                "io.kubernetes.cri.sandbox-name": f"app-{pod[:8]}",
                "io.kubernetes.cri.sandbox-namespace": "bench",
                "io.kubernetes.cri.sandbox-uid": pod,
            },
        }
        (self._bundles / identifier / "config.json").write_text(json.dumps(spec))

    def run(self, containers: int) -> None:
        """So many of them, a few at a time; each is removed when its processes have ended."""
        open_boxes: deque = deque()
        for number in range(containers):
            if number % 200 == 199:
                say(f"{number + 1} of {containers} containers")
            identifier, pod = token_hex(32), str(uuid4())
            self._bundle(identifier, pod)
            folder = self._root / f"kubepods/burstable/pod{pod}/{identifier}"
            folder.mkdir(parents=True)
            process = children.start([self._inside, folder, self._spawns, str(PROCESSES), "/bin/true"], stdout=DEVNULL)
            open_boxes.append((process, folder, identifier))
            if len(open_boxes) >= AT_ONCE:
                self._close(*open_boxes.popleft())
        while open_boxes:
            self._close(*open_boxes.popleft())
        for name in ("kubepods/burstable", "kubepods"):
            with contextlib.suppress(OSError):  # another's containers are there
                (self._root / name).rmdir()

    def _close(self, process: Popen[Any], folder: Path, identifier: str) -> None:
        children.finish(process)
        children.until(lambda: _removed(folder), f"{folder} can be removed")
        folder.parent.rmdir()
        (self._bundles / identifier / "config.json").unlink()
        (self._bundles / identifier).rmdir()


def _removed(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def memory(bench: Bench) -> Data:
    containers = bench.pick(100, 2_000)
    boxes = Boxes(bench.folder, bench.work)
    with bench.monitor(config={"containers": {"bundle_directories": [str(boxes.bundles)]}}) as monitor:
        before, first, cpu, began = monitor.memory_kib(), monitor.settled(), monitor.cpu_ns(), time.monotonic()
        boxes.run(containers)
        took = time.monotonic() - began
        last = monitor.settled()
        after = monitor.memory_kib()
        agent_ns = monitor.cpu_ns() - cpu
    grown = {name: round(value - first.get(name, 0)) for name, value in last.items()
             if value != first.get(name, 0) and ("evictions" in name or "lost" in name or "bundles_read" in name)}
    tables = {name: value for name, value in last.items() if name.startswith("bongsu_table_entries")}
    return {"containers": containers, "processes": containers * PROCESSES, "seconds": took, "before_kib": before,
            "after_kib": after, "tables": tables, "grown": grown, "agent_ns": agent_ns}  # fmt: skip
