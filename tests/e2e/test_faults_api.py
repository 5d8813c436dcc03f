# SPDX-License-Identifier: Apache-2.0
"""An API server that lies: alerts go on with what the runtime tells, memory stays bounded, and labels come back by
themselves. Each lie by itself, and those that take long, are unit tests (tests/unit/kubernetes)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.api_liar import Answer, LyingApi, gone, pod, pod_list
from support.container import ContainerHost, usable_runtimes
from support.monitor import get, has_argument
from support.rules import marked, write_rules
from support.running import until
from test_metrics import Metrics, ask, parse

pytestmark = pytest.mark.kernel

RUNTIME = next((runtime for runtime, reason in usable_runtimes().items() if not reason), None)
MIB = 1 << 20
LIST_BOUND = 64 * MIB
REST = 40 * MIB  # what the allocator and the TLS library take besides; a list grows by doubling


def of_html(answer: Answer) -> None:
    answer.say("<html><body>Welcome</body></html>")


def without_end(answer: Answer) -> None:
    """A list, or a line of a watch: 4 GiB would come if anybody read them."""
    answer.say('{"type":"ADDED","kind":"PartialObjectMetadataList","items":["')
    for _ in range(4096):
        answer.say("x" * MIB)


def cut_in_a_line(answer: Answer) -> None:
    answer.say('{"type":"ADDED","object":{"kind":"PartialObjectMeta')
    answer.is_cut = True


def long_gone(answer: Answer) -> None:
    answer.say(gone())


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[ContainerHost]:
    assert RUNTIME
    host = ContainerHost(tmp_path / "containers", RUNTIME)
    try:
        yield host
    finally:
        host.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[LyingApi]:
    folder = tmp_path / "api"
    folder.mkdir()
    made = LyingApi(
        folder, lists=[of_html, without_end, lambda answer: answer.say(pod_list(version="no number"))],
        watches=[without_end, cut_in_a_line, long_gone],
    )  # fmt: skip
    yield made
    made.close()


def most_memory(pid: int) -> int:
    found = re.search(r"^VmHWM:\s*([0-9]+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) << 10


def test_after_all_lies_labels_come_back(
    api: LyingApi, start: Callable, containers: ContainerHost, marker: str, tmp_path: Path
) -> None:
    container = containers.new()
    api.pods = [pod(container.pod_uid, "web-1", {"app": marker})]
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    monitor = start("run", "--rules", rules, "--listen", "127.0.0.1:0", "--format", "json",
                    before=api.before, env=api.environment | {
                        "BONGSU_CONTAINERS_BUNDLE_DIRECTORIES": f'["{containers.bundles}"]'})  # fmt: skip
    monitor.wait_ready()
    settled = most_memory(monitor.pid)

    def metrics() -> Metrics:
        return parse(ask(monitor, "/metrics").body)

    containers.run(containers.new(), ["/bin/sh", "-c", f"/bin/busybox true {marker}-meanwhile; exit 0"])
    monitor.events.wait(has_argument(f"{marker}-meanwhile"))
    [told] = monitor.events.wait(lambda alert: get(alert, "rule.id") == "agent-degraded")
    assert get(told, "bongsu.event") == "labels and owners of pods"
    api.honest.set()
    until(lambda: api.left() == 0 and metrics().value("bongsu_kubernetes_synced") == 1,
          f"it is in step; {monitor.describe()}", 90)  # fmt: skip
    after = metrics()
    for reason, least in {"malformed": 1, "oversized": 2, "broken": 1, "expired": 1}.items():
        assert after.value("bongsu_kubernetes_errors_total", f'reason="{reason}"') >= least, reason
    assert most_memory(monitor.pid) - settled < 2 * LIST_BOUND + REST

    containers.run(container, ["/bin/sh", "-c", f"/bin/busybox true {marker}-after; exit 0"])
    [alert] = [alert for alert in monitor.events.wait(has_argument(f"{marker}-after"))
               if get(alert, "process.args")[:2] == ["/bin/busybox", "true"]]  # fmt: skip
    assert get(alert, "k8s.pod.label") == {"app": marker} or get(alert, "k8s.pod.labels") == {"app": marker}, alert
    assert get(alert, "k8s.pod.name") == "web-1"
