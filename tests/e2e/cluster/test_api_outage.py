# SPDX-License-Identifier: Apache-2.0
"""The API server goes and comes back."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from kube.cluster import NODE, Cluster
from kube.monitor import Monitor, rule, rules_value
from kube.workloads import CONTAINER, IMAGE_NAME, IMAGE_TAG, expected_identity, identity_of, pod
from support.monitor import get, has_argument
from support.running import until

OUTAGE_S = 60.0
MANIFESTS = Path("/etc/kubernetes/manifests")  # the node's own
MOST_REQUESTS = 60  # in that time: one a second would be too many already
MOST_CPU_S = 6.0
MOST_GROWTH_KIB = 16 * 1024
MOST_NEW_DESCRIPTORS = 4
REQUESTS = ("bongsu_kubernetes_requests_total",)


def memory_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_alerts_go_on_with_what_the_runtime_tells_and_labels_come_back(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    monitor = install(rules_value(rule(marker)))
    monitor.wait_synced()
    create(pod("known", f"while :; do /bin/echo {marker}-known; sleep 1; done"))
    known = expected_identity(cluster.wait_running("known"), None, NODE)
    monitor.wait_alert(has_argument(f"{marker}-known"))
    pid = monitor.process()
    requests = sum(monitor.metric(name) for name in REQUESTS)
    memory, files, cpu = memory_kib(pid), descriptors(pid), cpu_s(pid)

    manifest = pod("unknown", f"while :; do /bin/echo {marker}-unknown; sleep 1; done", {"app": "unknown"})
    cluster.run("api", "stop")
    stopped = time.time()
    try:
        # The kubelet starts this one without being told by an API server.
        cluster.in_node("tee", MANIFESTS / "unknown.json", text=json.dumps(manifest))
        alert = monitor.wait_alert(has_argument(f"{marker}-unknown"))
        found = identity_of(alert)
        assert found["pod"] == f"unknown-{NODE}"
        assert (found["namespace"], found["container"]) == ("default", CONTAINER)
        assert found["image"] == (IMAGE_NAME, IMAGE_TAG)
        assert (found["labels"], found["metadata"]) == (None, "partial")

        until(lambda: time.time() > stopped + OUTAGE_S, "the outage's time", OUTAGE_S + 10)
        recent = [arrival for arrival in monitor.alerts.where(has_argument(f"{marker}-known")) if arrival.at > stopped]
        assert len(recent) > OUTAGE_S / 2
        assert all(identity_of(arrival.alert) == known for arrival in recent), "what was known is forgotten"
        assert sum(monitor.metric(name) for name in REQUESTS) - requests < MOST_REQUESTS
        assert monitor.metric("bongsu_kubernetes_synced") == 0
        assert cpu_s(pid) - cpu < MOST_CPU_S
        assert memory_kib(pid) - memory < MOST_GROWTH_KIB
        assert descriptors(pid) - files <= MOST_NEW_DESCRIPTORS
    finally:
        cluster.in_node("rm", "-f", MANIFESTS / "unknown.json")
        cluster.run("api", "start")

    monitor.wait_synced()
    create(pod("later", f"while :; do /bin/echo {marker}-later; sleep 1; done"))
    later = expected_identity(cluster.wait_running("later"), None, NODE)
    assert identity_of(monitor.wait_alert(has_argument(f"{marker}-later"))) == later
    assert monitor.process() == pid
    gaps = [arrival.alert for arrival in monitor.alerts.arrivals() if get(arrival.alert, "rule.id") == "agent-gap"]
    assert gaps == []
