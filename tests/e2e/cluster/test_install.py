# SPDX-License-Identifier: Apache-2.0
"""From `helm install` to the first alert, and away again."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kube.cluster import KUBE_VERSION, NODE, SCRIPT, Cluster, Object, first
from kube.lines import Arrival, seconds
from kube.monitor import NAMESPACE, RELEASE, Monitor, chart, rule, rules_value
from kube.workloads import deployment, expected_identity, identity_of
from support.monitor import get, has_argument
from support.running import until

ALERT_WITHIN_S = 2.0
SHELL = "terminal-shell-in-container"


def latency_s(arrival: Arrival) -> float:
    """From the exec in the kernel until the test had the alert."""
    return arrival.at - seconds(arrival.alert["@timestamp"])


def shell_in(pod: str) -> subprocess.CompletedProcess[bytes]:
    """kubectl exec -it: a terminal on this side makes one on the other."""
    command = f"{SCRIPT} kubectl exec -it {pod} -- /bin/sh -c true"
    return subprocess.run(["script", "-qec", command, "/dev/null"], stdin=subprocess.DEVNULL, capture_output=True)


def test_a_shell_in_a_pod_is_told_in_log_and_webhook(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None]
) -> None:
    labels = {"app": "web", "app.kubernetes.io/name": "web", "tier": "front"}
    create(deployment("web", "sleep 100000", labels))
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    monitor = install({})
    monitor.wait_synced()
    pod = first(cluster.get("pods", labels="app=web")["items"], "pod of the Deployment")
    expected = expected_identity(pod, ("Deployment", "web"), NODE)

    ran = shell_in(pod["metadata"]["name"])
    assert ran.returncode == 0, ran.stdout

    def is_it(alert: dict) -> bool:
        return get(alert, "rule.id") == SHELL and get(alert, "k8s.pod.name") == pod["metadata"]["name"]

    for place in (monitor.log, monitor.alerts):
        arrival = place.wait_alerts(is_it)[0]
        assert identity_of(arrival.alert) == expected
        assert get(arrival.alert, "k8s.deployment.name") == "web"
        assert latency_s(arrival) < ALERT_WITHIN_S
    assert len({get(arrival.alert, "event.id") for arrival in monitor.alerts.where(is_it)}) == 1


def test_a_program_in_a_pod_is_told_within_two_seconds(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    create(deployment("api", "sleep 100000", {"app": "api"}))
    cluster.kubectl("rollout", "status", "deployment/api", "--timeout=60s")
    monitor = install(rules_value(rule(marker)))
    monitor.wait_synced()
    began = time.time()
    cluster.kubectl("exec", "deployment/api", "--", "/bin/echo", marker)
    for place in (monitor.log, monitor.alerts):
        arrival = place.wait_alerts(has_argument(marker))[0]
        assert seconds(arrival.alert["@timestamp"]) >= began
        assert latency_s(arrival) < ALERT_WITHIN_S


def test_the_url_of_a_webhook_comes_from_a_secret(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    monitor = install(rules_value(rule(marker)))
    metadata = {"name": "soc", "namespace": NAMESPACE}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"url": monitor.alerts.url}}
    )
    monitor.upgrade({"webhooks": [{"name": "tests", "urlFrom": {"secretName": "soc", "key": "url"}}]})
    monitor.wait_ready()
    create(deployment("api", f"/bin/echo {marker}; sleep 100000", {"app": "api"}))
    monitor.wait_alert(has_argument(marker))
    config = cluster.kubectl("get", "configmap", "-n", NAMESPACE, "-o", "json")
    assert monitor.alerts.url not in config


def test_helm_test_finds_its_alert(install: Callable[..., Monitor], cluster: Cluster) -> None:
    install({})
    tested = cluster.helm("test", RELEASE, "-n", NAMESPACE)
    assert "Phase:          Succeeded" in tested


def test_uninstall_leaves_nothing(cluster: Cluster, install: Callable[..., Monitor]) -> None:
    monitor = install({})
    process = monitor.process()
    cluster.helm("uninstall", RELEASE, "-n", NAMESPACE, "--wait")
    until(lambda: not Path(f"/proc/{process}").exists(), "the monitor's process has ended")
    kinds = ",".join(cluster.kubectl("api-resources", "--verbs=list,delete", "-o", "name").split())
    labels = f"app.kubernetes.io/instance={RELEASE}"

    def left() -> str:
        return cluster.kubectl("get", kinds, "-A", "-l", labels, "--ignore-not-found", "-o", "name")

    # The controllers clear away what belonged to what was removed (revisions, endpoint slices) a moment later.
    until(lambda: left() == "", "nothing of the release is left")
    programs = json.loads(subprocess.run(["bpftool", "-j", "prog"], check=True, capture_output=True).stdout)
    assert [program for program in programs if any(user["comm"] == "bongsu" for user in program.get("pids", []))] == []


@pytest.mark.parametrize(
    "values", [{}, {"securityContext": {"privileged": True}}, {"networkPolicy": {"enabled": False}}]
)
def test_the_api_server_takes_what_is_rendered(cluster: Cluster, values: Object) -> None:
    """Field by field: an unknown one is an error."""
    arguments = ["template", RELEASE, chart(), "-n", "default", "--kube-version", KUBE_VERSION, "-f", "-"]
    rendered = cluster.helm(*arguments, text=json.dumps(values))
    cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", text=rendered)
