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
from support.alerts import Alerts, Kind
from support.box_image import BoxImage
from support.host import Host
from support.monitor import Event, get

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
def alerts() -> Iterator[Alerts]:
    watching = Alerts()
    yield watching
    watching.close()


@pytest.fixture
def node(image: BoxImage, alerts: Alerts, open_folder: Path) -> Iterator[Node]:
    if not (PACKAGES / ".complete").exists():
        pytest.skip(f"no servers in {PACKAGES}: run 'sudo scripts/setup test'")
    made = Node(image, Host(open_folder, alerts.monitor.pid), image.folder)
    yield made
    made.close()


def test_an_everyday_workload_is_quiet(node: Node, alerts: Alerts, tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(PARTS)) as pool:
        running = {part.__name__: pool.submit(part, node) for part in PARTS}
    failed = {name: future.exception() for name, future in running.items() if future.exception()}
    counts = of_the_workload(node, alerts)
    loud = Counter({kind: count for kind, count in counts.items() if kind[2] not in QUIET})
    (tmp_path / "alerts.jsonl").write_text("".join(json.dumps(alert) + "\n" for alert in alerts.kept(counts)))
    told = f"{tally(counts, node)}\nsome of each: {tmp_path}/alerts.jsonl\n"
    print(told)
    assert not failed, "\n\n".join(f"{name}: {error}" for name, error in failed.items())
    unexplained = sorted({rule for _, rule, _ in loud} - EXPLAINED.keys())
    if unexplained or loud.total() > MOST:
        words = f"{loud.total()} alerts above low, unexplained: {unexplained}; {told}"
        pytest.fail(words + one_line_each(alerts.kept(loud)), pytrace=False)


def of_the_workload(node: Node, alerts: Alerts) -> Counter[Kind]:
    """All but what is about other work on this machine, once everything that was done has been judged."""
    fence = node.box()
    ours = {box.id for box in node.boxes} - {fence.id} | {node.host.id}
    fence.run(["/bin/bash", "-c", "exit"], tty=True)
    alerts.wait("terminal-shell-in-container", fence.id)
    counts = alerts.counts()
    return Counter({kind: count for kind, count in counts.items() if kind[0] in ours or kind[1] == "agent-drop"})


def tally(counts: Counter[Kind], node: Node) -> str:
    rows: Counter[tuple[str, str, str]] = Counter()
    for (who, rule, severity), count in counts.items():
        rows[severity, rule, " (host)" if who == node.host.id else ""] += count
    told = [f"{count:5} {severity:8} {rule}{where}" for (severity, rule, where), count in rows.most_common()]
    return "alerts of the workload:\n" + "\n".join(told or ["    none"])


def one_line_each(alerts: list[Event]) -> str:
    rows = {(str(get(alert, "rule.id")), str(get(alert, "message"))[:240]) for alert in alerts}
    return "\n".join(f"{rule}: {message}" for rule, message in sorted(rows))
