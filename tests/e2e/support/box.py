# SPDX-License-Identifier: Apache-2.0
"""A Box: a container as Docker makes one, whose image is this machine (support/box_image.py).

Its first process waits, unless the test names another; actions come in by `runc exec`, as kubectl's do. What is written
in it is drift, and gone with it.
"""

import contextlib
import json
import os
import pty
import subprocess
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from support import inside
from support.box_image import BoxImage
from support.box_spec import Mount, specification
from support.container import new_container
from support.running import PATIENCE_S, until

Done = subprocess.CompletedProcess[str]
WAITING = ("/usr/bin/sleep", "infinity")
ACTION_S = 30.0  # an action that takes longer hangs


class Box:
    """Running from the constructor to close()."""

    def __init__(
        self,
        image: BoxImage,
        *,
        init: Sequence[str] = WAITING,
        capabilities: Iterable[str] = (),  # besides Docker's
        privileged: bool = False,
        mounts: Iterable[Mount] = (),  # box_spec.bind(), box_spec.tmpfs()
        host_namespaces: Iterable[str] = (),  # shared with the host: pid, network, ipc, uts
        user: int = 0,
        read_only: bool = False,
        internet: bool = False,  # every address leads to the box itself
        environment: dict[str, str] | None = None,
        layers: Sequence[Path] = (),  # of the image, above the machine's
        network_of: "Box | None" = None,  # as containers of one pod have it
    ) -> None:
        self.monitor_pid = 0  # of the program under test, on the host
        self.log: list[str] = []  # what was done in it
        self._image = image
        self._container = new_container()
        self._bundle = image.folder / self.id
        self._running: list[subprocess.Popen[bytes]] = []
        shared = tuple(host_namespaces)
        spec = specification(
            rootfs=image.mount(self.id, layers), cgroup=self._container.cgroup, init=init, capabilities=capabilities,
            privileged=privileged, mounts=mounts, host_namespaces=shared, user=user, read_only=read_only,
            environment=environment or {}, network_of=network_of.pid if network_of else None,
        )  # fmt: skip
        (self._bundle / "config.json").write_text(json.dumps(spec))
        try:
            self.pid = self._start()
            if "network" not in shared and network_of is None:
                inside.bring_up_network(self.pid, internet)
        except BaseException:
            self.close()
            raise

    @property
    def id(self) -> str:
        return self._container.id

    @property
    def output(self) -> str:
        """What its first process has printed."""
        return (self._bundle / "output").read_text(errors="replace")

    def _runc(self, *arguments: str) -> list[str]:
        return [*self._image.runner, "runc", "--root", str(self._image.folder / "runc"), *arguments]

    def _start(self) -> int:
        pid_file = self._bundle / "pid"
        with (self._bundle / "output").open("wb") as output:
            code = subprocess.run(
                self._runc("run", "--detach", "--pid-file", str(pid_file), "--bundle", str(self._bundle), self.id),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=PATIENCE_S,
            ).returncode  # fmt: skip
        assert code == 0, f"runc run: {self.output}"
        return int(pid_file.read_text())

    def _exec(self, arguments: Sequence[str], user: int | None, capabilities: Iterable[str], tty: bool) -> list[str]:
        options = [f"--cap={name}" for name in capabilities]
        if user is not None:
            options += ["--user", f"{user}:{user}"]
        if tty:
            options.append("--tty")
        return self._runc("exec", *options, self.id, *arguments)

    def run(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        user: int | None = None,
        capabilities: Iterable[str] = (),
        tty: bool = False,
        check: bool = False,
        timeout_s: float = ACTION_S,
    ) -> Done:
        """A program to its end, like kubectl exec; with `tty`, like kubectl exec -it. Its failure is a value."""
        command = self._exec(arguments, user, capabilities, tty)
        if tty:
            done = _run_in_terminal(command, timeout_s)
        else:
            raw = subprocess.run(
                command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s
            )
            done = Done(list(arguments), raw.returncode, raw.stdout.decode(errors="replace"), "")
        self.log.append(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}".rstrip())
        assert not check or done.returncode == 0, self.log[-1]
        return done

    def sh(self, script: str, *arguments: str, shell: str = "/bin/sh", **options: Any) -> Done:
        return self.run([shell, "-c", script, *(("sh", *arguments) if arguments else ())], **options)

    def python(self, source: str, *arguments: str, check: bool = True, **options: Any) -> Done:
        """Python of the image; it can make any system call (inside.PRELUDE). An exception of it fails the test."""
        stdin = inside.python_source(source)
        return self.run([inside.PYTHON, "-", *arguments], stdin=stdin, check=check, **options)

    def start(self, arguments: Sequence[str], *, user: int | None = None) -> subprocess.Popen[bytes]:
        """A program that goes on; it ends with the box."""
        with (self._bundle / "started").open("ab") as output:
            running = subprocess.Popen(
                self._exec(arguments, user, (), False), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._running.append(running)
        self.log.append(f"started: {' '.join(arguments)}")
        return running

    def put(self, path: str, content: bytes | str, mode: int = 0o755) -> None:
        """Writes a file from outside: no process of the box does it."""
        inside.put(self.pid, path, content.encode() if isinstance(content, str) else content, mode)

    def close(self) -> None:
        subprocess.run(self._runc("delete", "--force", self.id), capture_output=True, timeout=PATIENCE_S)
        for running in self._running:
            running.wait(PATIENCE_S)
        self._image.pods.remove(self._container)
        until(self._unmounted, f"the root of box {self.id} can be unmounted")

    def _unmounted(self) -> bool:
        with contextlib.suppress(AssertionError):
            self._image.unmount(self.id)
            return True
        return False


def _run_in_terminal(command: Sequence[str], timeout_s: float) -> Done:
    """With a new terminal as stdin, stdout and stderr."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
    os.close(terminal)
    printed = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):  # EIO: the other side has gone
            while block := os.read(controller, 4096):
                printed.extend(block)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        reader.join(PATIENCE_S)
        os.close(controller)
    return Done(list(command), code, printed.decode(errors="replace"), "")
