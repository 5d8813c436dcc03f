# SPDX-License-Identifier: Apache-2.0
"""What is no ordinary pod's container: static pods, pause containers, the runtime at work, the host itself."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kube.cluster import NODE, Cluster
from kube.monitor import Monitor, rule, rules_value
from kube.workloads import identity_of, pod
from support.monitor import Event, get, has_argument
from support.running import until

MANIFESTS = Path("/etc/kubernetes/manifests")


@pytest.fixture
def static_pod(cluster: Cluster) -> Iterator[Callable[[str, str], None]]:
    def begin(name: str, script: str) -> None:
        cluster.in_node("tee", MANIFESTS / "static.json", text=json.dumps(pod(name, script)))

    yield begin
    cluster.in_node("rm", "-f", MANIFESTS / "static.json")
    until(lambda: not cluster.get("pods", labels="app=static")["items"], "the static pod is gone")


def test_a_static_pod_has_its_name_labels_and_node(
    cluster: Cluster, install: Callable[..., Monitor], static_pod: Callable[[str, str], None], marker: str
) -> None:
    """Its cgroup is named after its manifest, not after what the API server calls its uid."""
    monitor = install(rules_value(rule(marker)))
    monitor.wait_synced()
    static_pod("static", f"while :; do /bin/echo {marker}; sleep 1; done")
    alert = monitor.wait_alert(
        lambda found: has_argument(marker)(found) and get(found, "container.metadata") == "complete"
    )  # fmt: skip
    found = identity_of(alert)
    assert found["pod"] == f"static-{NODE}"
    assert found["owner"] == ("Node", NODE)
    assert found["labels"] == {"app": "static"}
    assert found["namespace"] == "default"


def test_pause_container_and_runtime_are_told_from_the_workload(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    in_pod = {"k8s.pod.name": marker}
    sandbox = rule(marker, "sandbox", match={**in_pod, "container.kind": "sandbox"})
    # Whether it executes itself before or after it has entered the cgroup is a race; that it opens files is not.
    setup = rule(marker, "setup", event=["exec", "open"], match={**in_pod, "container.setup": True})
    workload = {**in_pod, "container.kind": "workload", "not": {"container.setup": True}}
    monitor = install(rules_value(sandbox, setup, rule(marker, "workload", match=workload)))
    monitor.wait_synced()
    create(pod(marker, "/bin/true; sleep 100000"))
    cluster.wait_running(marker)

    def told(identifier: str) -> list[Event]:
        return [arrival.alert for arrival in monitor.alerts.where(lambda alert: get(alert, "rule.id") == identifier)]

    def programs(identifier: str) -> set[str]:
        return {get(alert, "process.executable") for alert in told(identifier)}

    until(lambda: "/bin/busybox" in programs("workload") and "/pause" in programs("sandbox"), "both containers' alerts")
    until(lambda: told("setup"), "the runtime at work is told")
    # runc runs from a copy of itself, which has no path.
    assert {tuple(get(alert, "process.args")) for alert in told("setup")} == {("runc", "init")}
    assert programs("workload") == {"/bin/busybox"}
    assert {get(alert, "process.args")[0] for alert in told("sandbox")} <= {"/pause", "runc"}


def test_the_host_is_no_container(install: Callable[..., Monitor], marker: str) -> None:
    monitor = install(rules_value(rule(marker)))
    subprocess.run(["echo", marker], executable="/bin/echo", check=True, capture_output=True)
    alert = monitor.wait_alert(has_argument(marker))
    assert "container" not in alert
    assert get(alert, "k8s.pod.name") is None
    assert get(alert, "k8s.node.name") == NODE
    assert get(alert, "host.name") == NODE
