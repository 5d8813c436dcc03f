# SPDX-License-Identifier: Apache-2.0
"""Everything that the chart grants is taken away once, and what breaks is looked at. What breaks nothing has no place
in the chart: a grant without a row here fails the test."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from kube.cluster import KUBE_VERSION, Cluster, Object
from kube.lines import AlertLines
from kube.monitor import NAMESPACE, PODS, RELEASE, Monitor, chart, rule, rules_value
from kube.workloads import identity_of, pod
from support.monitor import Event, get, has_argument
from support.running import until

PROBES = "not permitted to load BPF programs"


@dataclass(frozen=True)
class Seen:
    """What an alert about a container older than the monitor tells."""

    container: bool
    pod: bool  # its name, from the bundle
    labels: bool  # from the API server
    parent: bool


ALL = Seen(container=True, pod=True, labels=True, parent=True)
BLIND = Seen(container=False, pod=False, labels=False, parent=True)
NO_API = Seen(container=True, pod=True, labels=False, parent=True)

# Capability -> what is missing without it, or the word in the log of a monitor that does not start.
CAPABILITIES: dict[str, Seen | str] = {"BPF": PROBES, "PERFMON": PROBES, "DAC_READ_SEARCH": BLIND}
VERBS: dict[str, Seen] = {"list": NO_API, "watch": NO_API}
MOUNTS: dict[str, Seen] = {
    "cgroup": BLIND,
    "bundles-0": Seen(container=True, pod=True, labels=True, parent=True),  # the API server tells the rest of the pod
}


def seen(alert: Event) -> Seen:
    return Seen(
        container=get(alert, "container.id") is not None,
        pod=get(alert, "k8s.pod.name") is not None,
        labels=get(alert, "k8s.pod.label") is not None,
        parent=get(alert, "process.parent.args") is not None,
    )


def daemon_set(cluster: Cluster) -> Object:
    daemon_set_only = ["--kube-version", KUBE_VERSION, "-s", "templates/daemonset.yaml"]
    rendered = cluster.helm("template", RELEASE, chart(), "-n", NAMESPACE, *daemon_set_only)
    return json.loads(cluster.kubectl("create", "--dry-run=client", "-o", "json", "-f", "-", text=rendered))


def patch(cluster: Cluster, kind: str, name: str, *operations: Object) -> None:
    cluster.kubectl("patch", kind, name, "-n", NAMESPACE, "--type=json", "-p", json.dumps(operations))


@pytest.fixture
def older(cluster: Cluster, create: Callable[..., None], marker: str) -> str:
    """A pod that is there before the monitor, and goes on: its shell executes a program every second."""
    create(pod("older", f"while :; do /bin/echo {marker}; sleep 1; done"))
    cluster.wait_running("older")
    return marker


def wait_seen(monitor: Monitor, marker: str, pods_name: str) -> Seen:
    """Of an alert of the monitor's present pod, once that has had its time to learn of pods."""

    def from_this_pod() -> Event | None:
        found = [arrival.alert for arrival in monitor.log.where(has_argument(marker))]
        return found[4] if len(found) > 4 else None

    until(from_this_pod, f"alerts of {pods_name}")
    alerts = [arrival.alert for arrival in monitor.log.where(has_argument(marker))]
    return seen(alerts[-1])


def restarted(cluster: Cluster, monitor: Monitor, change: Callable[[], None]) -> None:
    old = monitor.name
    change()
    until(lambda: [found["metadata"]["name"] for found in monitor.pods()] not in ([], [old]), "a new pod")
    monitor.wait_ready()


def test_with_all_of_it_everything_is_known(older: str, install: Callable[..., Monitor]) -> None:
    monitor = install(rules_value(rule(older)))
    monitor.wait_synced()
    assert wait_seen(monitor, older, monitor.name) == ALL
    assert identity_of(monitor.log.where(has_argument(older))[-1].alert)["metadata"] == "complete"


def test_no_capability_is_granted_that_breaks_nothing(cluster: Cluster) -> None:
    container = daemon_set(cluster)["spec"]["template"]["spec"]["containers"][0]
    capabilities = container["securityContext"]["capabilities"]
    assert capabilities["drop"] == ["ALL"]
    assert sorted(capabilities["add"]) == sorted(CAPABILITIES)


@pytest.mark.parametrize("capability", sorted(CAPABILITIES))
def test_without_a_capability(capability: str, cluster: Cluster, older: str, install: Callable[..., Monitor]) -> None:
    monitor = install(rules_value(rule(older)))
    rest = sorted(CAPABILITIES.keys() - {capability})
    expected = CAPABILITIES[capability]

    def change() -> None:
        monitor.upgrade({"securityContext": {"capabilities": rest}})

    if isinstance(expected, Seen):
        restarted(cluster, monitor, change)
        assert wait_seen(monitor, older, monitor.name).container == expected.container
        return
    change()
    until(lambda: expected in logs(cluster), f"'{expected}' in the log")


def logs(cluster: Cluster) -> str:
    """Of all pods of the monitor, also of those that have ended and been started again."""
    arguments = ["logs", "-l", PODS, "-n", NAMESPACE, "--tail=-1", "--ignore-errors"]
    return "".join(cluster.run("kubectl", *arguments, *more, check=False).stdout for more in ([], ["--previous"]))


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_without_a_verb_of_the_role(verb: str, cluster: Cluster, older: str, install: Callable[..., Monitor]) -> None:
    monitor = install(rules_value(rule(older)))
    name = f"{NAMESPACE}-{RELEASE}"
    rules = cluster.get("clusterrole", name)["rules"]
    assert [(each["resources"], sorted(each["verbs"])) for each in rules] == [(["pods"], sorted(VERBS))]
    rest = sorted(VERBS.keys() - {verb})
    patch(cluster, "clusterrole", name, {"op": "replace", "path": "/rules/0/verbs", "value": rest})
    restarted(cluster, monitor, lambda: cluster.delete("pod", monitor.name, namespace=NAMESPACE, now=False))
    if verb == "list":
        assert wait_seen(monitor, older, monitor.name) == VERBS[verb]
    log: AlertLines = monitor.log
    log.wait("forbidden")
    until(lambda: monitor.metric("bongsu_kubernetes_synced") == 0, "bongsu_kubernetes_synced 0")


def test_without_the_hosts_process_ids(cluster: Cluster, older: str, install: Callable[..., Monitor]) -> None:
    monitor = install(rules_value(rule(older)))
    operation = {"op": "replace", "path": "/spec/template/spec/hostPID", "value": False}
    restarted(cluster, monitor, lambda: patch(cluster, "daemonset", RELEASE, operation))
    assert not wait_seen(monitor, older, monitor.name).parent


@pytest.mark.parametrize("mount", sorted(MOUNTS))
def test_without_a_folder_of_the_host(
    mount: str, cluster: Cluster, older: str, install: Callable[..., Monitor]
) -> None:
    monitor = install(rules_value(rule(older)))
    template = cluster.get("daemonset", RELEASE, namespace=NAMESPACE)["spec"]["template"]["spec"]
    at = [each["name"] for each in template["containers"][0]["volumeMounts"]].index(mount)
    operation = {"op": "remove", "path": f"/spec/template/spec/containers/0/volumeMounts/{at}"}
    restarted(cluster, monitor, lambda: patch(cluster, "daemonset", RELEASE, operation))
    assert wait_seen(monitor, older, monitor.name).container == MOUNTS[mount].container
    alert = monitor.log.where(has_argument(older))[-1].alert
    assert get(alert, "container.metadata") != "complete"
    assert get(alert, "container.image.name") is None
