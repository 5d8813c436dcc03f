# SPDX-License-Identifier: Apache-2.0
"""An everyday workload (noise/) raises next to no alert above `low`, and each that it does is explained here."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from noise import Node, agents, builds, servers, upkeep
from noise.image import PACKAGES
from support.box_image import BoxImage
from support.host import Host
from support.monitor import Command, Event, finish, get
from support.running import source_dir

pytestmark = pytest.mark.kernel

# Rule -> why it is right that it tells of this workload. At most MOST alerts, all of these together.
MOST = 3
EXPLAINED = {
    "package-manager-in-container": "an image is built on this node: software is installed in a container that runs",
}
QUIET = ("info", "low")

PARTS: list[Callable[[Node], None]] = [
    servers.web, servers.cache, servers.database, builds.image_build, builds.continuous_integration,
    upkeep.scheduled_jobs, upkeep.administration, upkeep.host_upkeep, agents.cluster_agents,
    agents.configuration_backup,
]  # fmt: skip


@pytest.fixture
def monitor() -> Iterator[Command]:
    running = Command("run", "--rules", source_dir() / "rules", "--format", "json", "--listen", "off")
    try:
        running.wait_ready()
        yield running
    finally:
        finish(running)


@pytest.fixture
def node(image: BoxImage, monitor: Command, open_folder: Path) -> Iterator[Node]:
    if not (PACKAGES / ".complete").exists():
        pytest.skip(f"no servers in {PACKAGES}: run 'sudo scripts/setup test'")
    made = Node(image, Host(open_folder, monitor.pid), image.folder)
    yield made
    made.close()


def test_an_everyday_workload_is_quiet(node: Node, monitor: Command, tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(PARTS)) as pool:
        running = {part.__name__: pool.submit(part, node) for part in PARTS}
    failed = {name: future.exception() for name, future in running.items() if future.exception()}
    assert not failed, "\n\n".join(f"{name}: {error}" for name, error in failed.items())

    alerts = of_the_workload(node, monitor)
    (tmp_path / "alerts.jsonl").write_text("".join(json.dumps(alert) + "\n" for alert in alerts))
    loud = [event for event in alerts if get(event, "rule.severity") not in QUIET]
    told = f"{tally(alerts)}\nall of them: {tmp_path}/alerts.jsonl\n"
    print(told)
    unexplained = {get(event, "rule.id") for event in loud} - EXPLAINED.keys()
    if unexplained or len(loud) > MOST:
        pytest.fail(f"{len(loud)} alerts above low, unexplained: {sorted(unexplained)}; {told}" + one_line_each(loud))


def of_the_workload(node: Node, monitor: Command) -> list[Event]:
    """All alerts but those of other work on this machine, once everything that was done has been judged."""
    fence = node.box()
    ours = {box.id for box in node.boxes} - {fence.id}
    fence.run(["/bin/bash", "-c", "exit"], tty=True)
    monitor.events.wait(lambda e: get(e, "container.id") == fence.id)

    def is_ours(event: Event) -> bool:
        about_monitor = "agent" in (get(event, "rule.tags") or [])
        return about_monitor or get(event, "container.id") in ours or node.host.is_mine()(event)

    return monitor.events.where(is_ours)


def tally(alerts: list[Event]) -> str:
    counts = Counter(
        (get(e, "rule.severity"), get(e, "rule.id"), "in" if get(e, "container.id") else "on") for e in alerts
    )
    rows = [f"{count:5} {severity:8} {rule}{' (host)' if where == 'on' else ''}"
            for (severity, rule, where), count in counts.most_common()]  # fmt: skip
    return "alerts of the workload:\n" + "\n".join(rows or ["    none"])


def one_line_each(alerts: list[Event]) -> str:
    rows = {(get(e, "rule.id"), str(get(e, "message"))[:240]) for e in alerts}
    return "\n".join(f"{rule}: {message}" for rule, message in sorted(rows))
