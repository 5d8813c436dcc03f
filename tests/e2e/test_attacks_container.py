# SPDX-License-Identifier: Apache-2.0
"""Containers that mean harm to the monitor: by the names of their cgroups, and by what lies where it looks for their
bundles."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import inside
from support.box import Box
from support.box_image import BoxImage
from support.box_spec import bind
from support.container import Container, ContainerHost, new_container
from support.monitor import Event, alerts_in, get, has_argument
from support.rules import marked, write_rules
from support.running import PATIENCE_S, peak_kb, until
from test_metrics import ask, parse

pytestmark = pytest.mark.kernel

# Makes groups below the box's own, one in another, in each hierarchy; in the last of them something is executed. A
# folder at a time, as such a path may be longer than a path may be.
MAKE_AND_EXECUTE = """
import subprocess
FOLDERS, MARKER = {folders!r}, {marker!r}
def roots():
    mounts = [line.split() for line in open("/proc/self/mountinfo") if " - cgroup" in line]
    for line in open("/proc/self/cgroup"):
        _, controllers, path = line.rstrip().split(":", 2)
        for mount in mounts:
            if (mount[mount.index("-") + 1] == "cgroup2") if not controllers else controllers in mount[-1].split(","):
                yield mount[4] + path
made = []
for root in list(roots()):
    at = os.open(root, os.O_PATH | os.O_DIRECTORY)
    chain = [at]
    try:
        for name in FOLDERS:
            os.mkdir(name, dir_fd=at)
            at = os.open(name, os.O_PATH | os.O_DIRECTORY, dir_fd=at)
            chain.append(at)
    except OSError as error:
        print(root[:60], len(chain), error)
    made.append(chain)
child = os.fork()
if child == 0:
    for chain in made:
        if len(chain) == len(FOLDERS) + 1:
            try:
                procs = os.open("cgroup.procs", os.O_WRONLY, dir_fd=chain[-1])
                os.write(procs, str(os.getpid()).encode())
            except OSError as error:
                print(error, flush=True)
    {wait}
    os.execv("/bin/true", ["/bin/true", MARKER])
os.waitpid(child, 0)
for chain in made:
    for at, name in zip(chain[-2::-1], FOLDERS[len(chain) - 2::-1]):
        os.rmdir(name, dir_fd=at)
print("moved", sum(len(chain) == len(FOLDERS) + 1 for chain in made))
"""
OTHER = new_container()
NAMES: dict[str, list[bytes]] = {
    "another container's id": [OTHER.id.encode()],
    "another pod and its container": [f"pod{OTHER.pod_uid}".encode(), OTHER.id.encode()],
    "the same, as systemd has it": [
        f"kubepods-burstable-pod{OTHER.pod_uid.replace('-', '_')}.slice".encode(),
        f"cri-containerd-{OTHER.id}.scope".encode(),
    ],
    "the host's": [b"system.slice", b"sshd.service"],
    "control characters": [b"\x1b[2J\x1b]0;owned\x07\r\t\x7f"],
    "no UTF-8": [b"\xff\xfe\xc0\xaf", b"\xed\xa0\x80"],
    "JSON": [b'","container":{"id":"forged"},"x":"'],
    "as long as a name may be": [b"x" * 255],
    "longer than the kernel tells": [b"x" * 255] * 8,
    "longer than a path may be": [b"x" * 255] * 20,
    "more folders than are looked at": [b"d"] * 120,
}


@pytest.fixture
def box(image: BoxImage) -> Iterator[Box]:
    made = Box(image, privileged=True, mounts=[bind("/sys/fs/cgroup", "/sys/fs/cgroup", "rw")])
    yield made
    made.close()


def test_no_name_of_a_cgroup_changes_whose_it_is(watch: Callable, box: Box, marker: str, tmp_path: Path) -> None:
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), "--listen", "127.0.0.1:0")
    for number, (case, folders) in enumerate(NAMES.items()):
        argument = f"{marker}-{number}"
        done = box.python(MAKE_AND_EXECUTE.format(folders=folders, marker=argument, wait="pass"))
        assert "moved 0" not in done.stdout and "moved" in done.stdout, f"{case}: {done.stdout}"
        [alert] = monitor.events.wait(lambda a, argument=argument: get(a, "process.args") == ["/bin/true", argument])
        assert get(alert, "container.id") == box.id, f"{case}: {get(alert, 'container')} {done.stdout}"
    assert monitor.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("case", ["longer than a path may be", "more folders than are looked at"])
def test_nor_when_it_was_there_before_the_monitor(
    watch: Callable, box: Box, marker: str, tmp_path: Path, case: str
) -> None:
    """Then the monitor asks the cgroup file system, which has no name for a path that long."""
    wait = 'os.mkdir("/srv/made"); until(lambda: os.path.exists("/srv/go"), 60)'
    source = MAKE_AND_EXECUTE.format(folders=NAMES[case], marker=marker, wait=wait)
    box.put("/srv/attack.py", inside.python_source(source))
    attack = box.start([inside.PYTHON, "/srv/attack.py"])
    until(lambda: Path(f"/proc/{box.pid}/root/srv/made").exists(), "the groups are made")
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)))
    box.put("/srv/go", "")
    assert attack.wait(PATIENCE_S) == 0
    [alert] = monitor.events.wait(lambda a: get(a, "process.args") == ["/bin/true", marker])
    assert get(alert, "container.id") == box.id
    assert monitor.stop(signal.SIGTERM) == 0


SECRET = "not-for-you"
LARGE_BYTES = 100 << 20


def a_link(path: Path) -> None:
    secret = path.parent.parent / "secret"
    secret.write_text(json.dumps({"annotations": {"io.kubernetes.cri.container-name": SECRET}}))
    path.symlink_to(secret)


def a_file_without_end(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_large_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGE_BYTES)


def a_deep_document(path: Path) -> None:
    path.write_text('{"annotations":' + '{"a":' * 500_000)


def an_endless_list(path: Path) -> None:
    path.write_text(json.dumps({"annotations": {f"k{i}": "v" * 20 for i in range(80_000)}, "mounts": [{}] * 100_000}))


def names_that_steer(path: Path) -> None:
    steering = "\x1b[2J\x1b]0;owned\x07\n2026-01-01T00:00:00.000Z info forged\u202e\u009b"
    annotations = {
        "io.kubernetes.cri.container-type": "container",
        "io.kubernetes.cri.container-name": steering,
        "io.kubernetes.cri.sandbox-name": steering * 1000,
        "io.kubernetes.cri.sandbox-namespace": "\x00",
        "io.kubernetes.cri.image-name": steering,
    }
    path.write_text(json.dumps({"annotations": annotations}))


# What lies where a bundle's config.json should: the container is judged, under its id, without a name.
BUNDLES: dict[str, Callable[[Path], None]] = {
    "a link": a_link,
    "a pipe": lambda path: os.mkfifo(path),
    "a folder": lambda path: path.mkdir(),
    "a file without end": a_file_without_end,
    "a large file": a_large_file,
    "a deep document": a_deep_document,
    "bytes": lambda path: path.write_bytes(os.urandom(1 << 20)),
    "an endless list": an_endless_list,
    "names that steer": names_that_steer,
}


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[ContainerHost]:
    host = ContainerHost(tmp_path / "containers", "runc")
    yield host
    host.close()


def control_characters(text: str) -> set[str]:
    return {c for c in text if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029\u202e"} - {"\n"}


def test_a_hostile_bundle_costs_a_name_at_most(
    start: Callable, containers: ContainerHost, marker: str, tmp_path: Path
) -> None:
    """As text, in a pipe: what an alert shows of it must not steer a terminal."""
    bundles = tmp_path / "bundles"
    told = tmp_path / "alerts.json"
    configuration = tmp_path / "config.json"
    configuration.write_text(
        json.dumps({"containers": {"bundle_directories": [str(bundles)]}, "files": [{"path": str(told)}]})
    )
    rules = write_rules(
        tmp_path / "rules.json", marked(marker) | {"message": "{container.name|container.id} {container.image.name}"}
    )
    arguments = ("--config", configuration, "--rules", rules, "--listen", "127.0.0.1:0", "--format", "text")
    monitor = start("run", *arguments)
    monitor.wait_ready()
    made: dict[str, Container] = {}
    for case, fill in BUNDLES.items():
        container = made.setdefault(case, containers.new())
        (bundles / container.id).mkdir(parents=True)
        fill(bundles / container.id / "config.json")
        containers.run(container, ["/bin/busybox", "true", marker])

    def alerts() -> list[Event]:
        return [alert for alert in alerts_in(told) if has_argument(marker)(alert)]

    until(lambda: len(alerts()) == len(made), "an alert of each container")
    by_id = {get(alert, "container.id"): alert for alert in alerts()}
    for case, container in made.items():
        alert = by_id[container.id]
        assert get(alert, "k8s.pod.uid") == container.pod_uid, case
        assert get(alert, "container.metadata") == "partial", case

    def refused() -> float:
        return parse(ask(monitor, "/metrics").body).value("bongsu_bundles_read_total", 'outcome="refused"')

    until(lambda: refused() >= 5, "those that are not read, counted")
    assert peak_kb(monitor.pid) < LARGE_BYTES >> 10
    assert monitor.stop(signal.SIGTERM) == 0
    said = told.read_text() + monitor.out.text() + monitor.err.text()
    assert SECRET not in said
    assert not control_characters(said)
