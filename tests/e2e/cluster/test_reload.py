# SPDX-License-Identifier: Apache-2.0
"""Rules that change while the monitor runs: in force at once, and no event is lost around it."""

import os
from collections.abc import Callable

from kube.cluster import Cluster
from kube.lines import seconds
from kube.monitor import Monitor, rule, rules_value
from kube.workloads import counting, number_of, pod
from support.monitor import get
from support.running import until

IN_FORCE_WITHIN_S = 5.0
KUBELET_S = 150.0  # until the kubelet has written it: its own matter


def written_at(cluster: Cluster, monitor: Monitor, volume: str) -> float:
    """When the kubelet has last written this volume of the monitor's pod."""
    folder = f"/var/lib/kubelet/pods/{monitor.pod['metadata']['uid']}/volumes"
    told = cluster.in_node("sh", "-c", f"stat -c %.9Y {folder}/*/{volume}/..data")
    return float(told)


def test_a_changed_rule_is_in_force_within_seconds_and_loses_nothing(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    monitor = install(rules_value(rule(marker, "before")))
    pid, before = monitor.process(), written_at(cluster, monitor, "rules")
    create(pod("counter", counting(marker)))

    def numbers(identifier: str) -> dict[int, float]:
        found = {}
        for arrival in monitor.alerts.where(lambda alert: get(alert, "rule.id") == identifier):
            number = number_of(arrival.alert, marker)
            if number is not None:  # the shell's own exec has none
                found[number] = seconds(arrival.alert["@timestamp"])
        return found

    until(lambda: len(numbers("before")) > 20, "the old rule's alerts")
    monitor.upgrade(rules_value(rule(marker, "after")))
    until(lambda: written_at(cluster, monitor, "rules") > before, "the kubelet writes the rules", KUBELET_S)
    written = written_at(cluster, monitor, "rules")
    until(lambda: len(numbers("after")) > 20, "the new rule's alerts")

    old, new = numbers("before"), numbers("after")
    assert min(new.values()) - written < IN_FORCE_WITHIN_S
    assert old.keys().isdisjoint(new.keys()), "an exec was judged by both"
    seen = sorted([*old, *new])
    assert seen == list(range(seen[0], seen[0] + len(seen))), "an exec was judged by neither"
    assert monitor.process() == pid
    assert os.path.exists(f"/proc/{pid}")


def test_a_rule_with_an_error_is_told_and_the_others_are_in_force(
    install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    monitor = install(rules_value(rule(marker, "good")))
    create(pod("counter", counting(marker)))
    monitor.wait_alert(lambda alert: get(alert, "rule.id") == "good")
    monitor.upgrade(rules_value(rule(marker, "good"), rule(marker, "bad", severity="dreadful")))
    monitor.alerts.wait_alerts(lambda alert: get(alert, "rule.id") == "agent-rule-error", timeout_s=KUBELET_S)
    known = len(monitor.alerts.arrivals())
    until(lambda: len(monitor.alerts.arrivals()) > known, "alerts go on")
