# SPDX-License-Identifier: Apache-2.0
"""What happens during a soak: each load is a thread that does one small thing after the other, with pauses, as its own
random numbers have it. A load that fails makes the soak fail."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitor import Monitor
from support.chaos import ChaoticReceiver, Mood
from support.container import ContainerHost
from support.rules import marked, rule, write_rules

WORD = "soak-finding"  # what the rules of the soak look for
ANNOTATIONS = {
    "io.kubernetes.cri.container-type": "container",
    "io.kubernetes.cri.container-name": "app",
    "io.kubernetes.cri.image-name": "docker.io/library/soak:1",
    "io.kubernetes.cri.sandbox-name": "soak",
    "io.kubernetes.cri.sandbox-namespace": "default",
}

Step = Callable[[random.Random], None]


class Load(threading.Thread):
    """step() again and again, each time after a random pause of up to so many seconds, until stop()."""

    def __init__(self, name: str, seed: int, pause_s: float, step: Step) -> None:
        super().__init__(name=name, daemon=True)
        self._random = random.Random(f"{name} {seed}")
        self._pause_s = pause_s
        self._step = step
        self._ending = threading.Event()
        self.steps = 0
        self.failure: str | None = None

    def run(self) -> None:
        try:
            while not self._ending.wait(self._random.uniform(0, self._pause_s)):
                self._step(self._random)
                self.steps += 1
        except Exception as error:  # of whatever kind: what was to be tried was not
            self.failure = f"{type(error).__name__}: {error}"

    def stop(self) -> None:
        self._ending.set()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def processes(rng: random.Random) -> None:
    """Many short ones, one after the other; the last is a finding."""
    loop = 'i=0; while [ $i -lt "$1" ]; do /bin/true; i=$((i + 1)); done; /bin/true "$2"'
    _run("/bin/sh", "-c", loop, "sh", str(rng.randrange(10, 200)), WORD)


def files(folder: Path) -> Step:
    def step(rng: random.Random) -> None:
        place = folder / f"files-{rng.randrange(1000)}"
        place.mkdir()
        for number in range(rng.randrange(5, 50)):
            path = place / f"file-{number}"
            path.write_bytes(rng.randbytes(rng.randrange(1, 4096)))
            path.chmod(0o600)
            path.rename(place / f"moved-{number}")
        (place / WORD).write_text("x")
        for _ in range(rng.randrange(200)):
            os.close(os.open("/etc/hostname", os.O_RDONLY))
        shutil.rmtree(place)

    return step


def connections(rng: random.Random) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        for _ in range(rng.randrange(1, 30)):
            with socket.create_connection(server.getsockname(), timeout=10):
                server.accept()[0].close()


def containers(host: ContainerHost) -> Step:
    def step(rng: random.Random) -> None:
        made = host.new()
        commands = "; ".join(["/bin/busybox true"] * rng.randrange(1, 40))
        host.run(made, ["/bin/sh", "-c", f"{commands}; /bin/busybox true {WORD}; exit 0"],
                 ANNOTATIONS | {"io.kubernetes.cri.sandbox-uid": made.pod_uid})  # fmt: skip
        host.remove(made)

    return step


def rule_files(folder: Path, monitor: Monitor) -> Step:
    """Other rules by a rename, as an editor does it, or in place; what is no rule file; SIGHUP with what is there."""
    path = folder / "soak.json"

    def step(rng: random.Random) -> None:
        what = rng.randrange(5)
        if what == 0:
            monitor.process.send_signal(signal.SIGHUP)
        elif what == 1:
            path.write_text('{"rules": [')
        else:
            text = soak_rules(folder / "soak.new", rng.randrange(2, 60))
            text.rename(path) if what == 2 else path.write_text(text.read_text())

    return step


def soak_rules(path: Path, counts: int) -> Path:
    """Rules of the soak, so many of them with a memory."""
    counting = [
        rule(f"soak-count-{number}", {"process.name": "true"}, severity="low",
             throttle={"by": ["process.name"], "per": f"{number + 2}s"})
        | {"count": {"at_least": 5 + number, "within": "10s", "by": ["process.parent.pid"]}}
        for number in range(counts)
    ]  # fmt: skip
    return write_rules(
        path, marked(WORD, "soak-exec"), rule("soak-file", {"file.path": {"contains": WORD}}, event="open"),
        *counting,
    )  # fmt: skip


def receiver_moods(receiver: ChaoticReceiver) -> Step:
    """It is well half of the time."""
    return lambda rng: receiver.turn(rng.choice([*[Mood.WELL] * 6, *(mood for mood in Mood if mood is not Mood.WELL)]))


def log_rotation(path: Path) -> Step:
    """Somebody else moves the file away, empties it, or removes it; besides, it is rotated by its size."""

    def step(rng: random.Random) -> None:
        with contextlib.suppress(FileNotFoundError):
            what = rng.randrange(3)
            if what == 0:
                path.rename(path.with_suffix(".moved"))
            elif what == 1:
                os.truncate(path, 0)
            else:
                path.unlink()

    return step


class Findings(threading.Thread):
    """What the monitor has said on stdout, and what the webhook has got, kept as ids and numbers."""

    def __init__(self, stdout: Path, receiver: ChaoticReceiver) -> None:
        super().__init__(daemon=True)
        self._stdout = stdout.open("rb")
        self._receiver = receiver
        self._rest = b""
        self._ended = threading.Event()
        self.said: set[str] = set()  # ids, without what the monitor says of itself
        self.arrived: set[str] = set()
        self.losses_told = 0  # records
        self.agent: dict[str, int] = {}  # what it says of itself: how often, by rule

    def run(self) -> None:
        while not self._ended.wait(0.2):
            self.look()

    def stop(self) -> None:
        """With all that is there by now."""
        self._ended.set()
        self.join()
        self.look()
        self._stdout.close()

    def look(self) -> None:
        *lines, self._rest = (self._rest + self._stdout.read()).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        self.arrived.update(alert["event"]["id"] for alert in self._receiver.take())

    def _take(self, alert: dict[str, Any]) -> None:
        identifier = alert["rule"]["id"]
        if not identifier.startswith("agent-"):
            self.said.add(alert["event"]["id"])
            return
        self.agent[identifier] = self.agent.get(identifier, 0) + 1
        about = alert["bongsu"]
        if identifier == "agent-flood" or (identifier == "agent-drop" and not about["event"].startswith("alerts to ")):
            self.losses_told += about["count"]


def wait_for(condition: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
