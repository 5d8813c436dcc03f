# SPDX-License-Identifier: Apache-2.0
"""What the monitor reads is mounted over while it runs, in a mount namespace of its own: it tells so, goes on from what
it has open, and knows old containers and new ones."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.container import ContainerHost, cgroup_roots
from support.monitor import Command, get, has_argument
from support.rules import marked, write_rules
from support.running import source_dir

pytestmark = pytest.mark.kernel

MOUNTED_OVER = ("/sys/fs/cgroup", "/sys/kernel/btf", "/proc")  # /proc at last: it is how the others are reached


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[ContainerHost]:
    host = ContainerHost(tmp_path / "containers", "runc")
    yield host
    host.close()


def mount_over(monitor: Command, path: str) -> None:
    enter = ["nsenter", f"--mount=/proc/{monitor.pid}/ns/mnt"]
    subprocess.run([*enter, "mount", "-t", "tmpfs", "none", path], check=True)


def test_what_it_reads_is_mounted_over(
    start: Callable, containers: ContainerHost, marker: str, tmp_path: Path
) -> None:
    each_time = {"extends": "monitor-path-mounted-over", "throttle": False}
    own = write_rules(tmp_path / "own.json", marked(marker), each_time)
    rules = [source_dir() / "rules/lists.json", source_dir() / "rules/monitor.json", own]
    arguments = [word for path in rules for word in ("--rules", path)]
    old, new = containers.new(), containers.new()
    # A cgroup that is older than the monitor, and in which nothing is when that looks: later it has to be asked whose.
    for root in cgroup_roots():
        (root / old.cgroup).mkdir(parents=True)
    enclosed = ("unshare", "--mount", "--propagation", "private")
    monitor = start("run", *arguments, "--listen", "off", "--format", "json", before=enclosed)
    monitor.wait_ready()
    for path in MOUNTED_OVER:
        mount_over(monitor, path)
    for container, argument in ((old, f"{marker}-old"), (new, f"{marker}-new")):
        containers.run(container, ["/bin/busybox", "true", argument])
        alerts = monitor.events.wait(has_argument(argument))
        [alert] = [alert for alert in alerts if get(alert, "rule.id") == "marked"]
        assert get(alert, "container.id") == container.id
    told = monitor.events.where(lambda a: get(a, "rule.id") == "monitor-path-mounted-over")
    assert {get(alert, "file.target_path") for alert in told} == {"/sys/kernel/btf", "/proc"}
    assert monitor.stop(signal.SIGTERM) == 0
