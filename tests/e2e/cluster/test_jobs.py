# SPDX-License-Identifier: Apache-2.0
"""Containers that are gone before anybody could look: a Job that lives 100 ms."""

from collections.abc import Callable

from kube.cluster import NODE, Cluster
from kube.monitor import Monitor, rule, rules_value
from kube.workloads import expected_identity, identity_of, job
from support.monitor import get, has_argument

JOBS = 20
ALL_S = 180.0


def test_short_jobs_are_told_with_their_full_identity(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    monitor = install(rules_value(rule(marker)))
    monitor.wait_synced()
    names = [f"short-{number}" for number in range(JOBS)]
    # The shell's own exec is the container's first one; the container ends with the sleep.
    create(*[job(name, f": {marker}; exec sleep 0.1", {"app": name, "team": "batch"}) for name in names])
    monitor.alerts.wait_alerts(has_argument(marker), JOBS, ALL_S)
    for name in names:
        cluster.kubectl("wait", "--for=condition=complete", f"job/{name}", "--timeout=60s")
    alerts = [arrival.alert for arrival in monitor.alerts.where(has_argument(marker))]
    found = sorted((identity_of(alert) for alert in alerts), key=lambda identity: str(identity["pod"]))
    pods = cluster.get("pods", labels="team=batch")["items"]
    expected = [expected_identity(pod, ("Job", pod["metadata"]["labels"]["app"]), NODE) for pod in pods]
    assert found == sorted(expected, key=lambda identity: str(identity["pod"]))
    assert sorted(str(get(alert, "k8s.job.name")) for alert in alerts) == sorted(names)
