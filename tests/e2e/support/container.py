# SPDX-License-Identifier: Apache-2.0
"""Real containers: an OCI bundle with a busybox root file system, started by runc or crun in a pod's cgroup.

Nothing stays behind: a container's state and cgroups are removed by its id, a pod's cgroup by its uid.
"""

import fcntl
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from support.running import PATIENCE_S, until

PODS = "kubepods/burstable"
LOCK = "/run/lock/bongsu-e2e-pods"


@dataclass(frozen=True)
class Container:
    id: str
    pod_uid: str
    cgroup: str  # below the root of each hierarchy


def new_container() -> Container:
    identifier, pod_uid = token_hex(32), str(uuid.uuid4())
    return Container(identifier, pod_uid, f"{PODS}/pod{pod_uid}/{identifier}")


def cgroup_roots() -> list[Path]:
    """Where the cgroup hierarchies are mounted, v1 and v2 (proc_pid_mountinfo(5))."""
    roots = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.split()[0] in ("cgroup", "cgroup2"):
            roots.append(Path(before.split()[4]))
    return roots


def is_hybrid() -> bool:
    """v1 hierarchies, and v2 beside them without controllers."""
    unified = Path("/sys/fs/cgroup/unified/cgroup.procs")
    return unified.exists()


def usable_runtimes() -> dict[str, str]:
    """Runtime -> why it cannot be used here, or nothing."""
    return {"runc": "", "crun": "crun refuses cgroups in hybrid mode" if is_hybrid() else ""}


class Pods:
    """The cgroups above all containers, which test runs beside each other share. The last one removes them when they
    are empty: each holds the lock with the others, and who can have it alone is the last."""

    def __init__(self) -> None:
        self._lock: int | None = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        self.roots = cgroup_roots()

    def remove(self, container: Container) -> None:
        """The cgroups of a container that has ended, and its pod's."""
        for root in self.roots:
            path = root / container.cgroup
            if path.exists():
                # A killed process leaves its cgroup a moment later.
                until(lambda path=path: _remove_cgroup(path), f"{path} can be removed")
            _remove_cgroup(path.parent)

    def close(self) -> None:
        if self._lock is None:
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            for root in self.roots:
                for path in (root / PODS, (root / PODS).parent):
                    _remove_cgroup(path)
        os.close(self._lock)
        self._lock = None


class ContainerHost:
    """Makes and starts containers below one folder."""

    def __init__(self, folder: Path, runtime: str, programs: Sequence[Path] = ()) -> None:
        self._folder = folder
        self._runtime = runtime
        self._containers: list[Container] = []
        self._folder.mkdir(parents=True)
        self._pods = Pods()
        self._rootfs = self._make_rootfs(programs)

    def _make_rootfs(self, programs: Sequence[Path]) -> Path:
        rootfs = self._folder / "rootfs"
        for name in ("bin", "proc", "dev", "tmp", "srv"):
            (rootfs / name).mkdir(parents=True)
        busybox = shutil.which("busybox")
        assert busybox, "busybox is missing: scripts/setup test installs it"
        shutil.copy(busybox, rootfs / "bin/busybox")
        (rootfs / "bin/sh").symlink_to("busybox")
        for path in programs:
            shutil.copy(path, rootfs / "srv" / path.name)
        return rootfs

    def new(self) -> Container:
        return new_container()

    def _command(self, *arguments: str) -> list[str]:
        return [self._runtime, "--root", str(self._folder / "state"), *arguments]

    @property
    def bundles(self) -> Path:
        """Where each container's bundle is, in a folder of its id."""
        return self._folder

    def start(
        self, container: Container, arguments: Sequence[str], annotations: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """The runtime in the foreground: it ends as the container's first process does."""
        bundle = self._folder / container.id
        bundle.mkdir(exist_ok=True)  # a test may have put something else in its place
        spec = {
            "ociVersion": "1.0.2",
            "process": {
                "terminal": False, "user": {"uid": 0, "gid": 0}, "args": list(arguments), "cwd": "/",
                "env": ["PATH=/bin"],
            },
            "root": {"path": str(self._rootfs), "readonly": True},
            "hostname": "e2e",
            "annotations": annotations or {},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
            "linux": {
                "cgroupsPath": f"/{container.cgroup}",
                "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")],
            },
        }  # fmt: skip
        (bundle / "config.json").write_text(json.dumps(spec))
        self._containers.append(container)
        # The output goes to a file: whatever else holds a pipe open cannot keep the test.
        with (bundle / "output").open("wb") as output:
            return subprocess.Popen(
                self._command("run", "--bundle", str(bundle), container.id),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def run(self, container: Container, arguments: Sequence[str], annotations: dict[str, str] | None = None) -> None:
        code = self.start(container, arguments, annotations).wait(PATIENCE_S)
        output = (self._folder / container.id / "output").read_text(errors="replace")
        assert code == 0, f"{self._runtime} run: exit code {code}: {output}"

    def remove(self, container: Container) -> None:
        """Now, with its bundle, for who makes many."""
        self._remove(container)
        self._containers.remove(container)
        shutil.rmtree(self._folder / container.id)

    def close(self) -> None:
        for container in self._containers:
            self._remove(container)
        self._pods.close()

    def _remove(self, container: Container) -> None:
        if (self._folder / "state" / container.id).exists():
            subprocess.run(self._command("delete", "--force", container.id), capture_output=True, timeout=PATIENCE_S)
        self._pods.remove(container)


def _remove_cgroup(path: Path) -> bool:
    """Whether it is gone; one that is in use stays."""
    try:
        path.rmdir()
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True
