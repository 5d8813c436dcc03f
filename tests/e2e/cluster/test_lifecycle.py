# SPDX-License-Identifier: Apache-2.0
"""The monitor's pod is deleted, upgraded, its node drained: nothing told twice, nothing lost before it ended, and the
time in which nobody watched is stated."""

from collections import Counter
from collections.abc import Callable

import pytest
from kube.cluster import NODE, SCRIPT, Cluster
from kube.lines import Lines, seconds
from kube.monitor import NAMESPACE, Monitor, rule, rules_value
from kube.workloads import counting, number_of, pod
from support.monitor import get
from support.running import until

# Between the exec and the line that it prints, and the other way round; the clock is one.
SLACK_S = 0.5
LONGEST_GAP_S = 60.0


class Counter20:
    """A pod that executes a numbered program 20 times a second, and when it did."""

    def __init__(self, monitor: Monitor, marker: str) -> None:
        self._monitor = monitor
        self._marker = marker
        self._printed = Lines([SCRIPT, "kubectl", "logs", "--follow", "--timestamps", "counter"])

    def printed(self) -> dict[int, float]:
        times = {}
        for _, line in list(self._printed.lines):
            timestamp, _, word = line.partition(" ")
            if word.startswith(f"{self._marker}-"):
                times[int(word.removeprefix(f"{self._marker}-").removesuffix("-"))] = seconds(timestamp)
        return times

    def alerts(self) -> dict[int, list[str]]:
        """Number -> ids of the alerts about it."""
        found: dict[int, list[str]] = {}
        for arrival in self._monitor.alerts.arrivals():
            number = number_of(arrival.alert, self._marker)
            if number is not None and get(arrival.alert, "rule.id") == "cluster-test":
                found.setdefault(number, []).append(get(arrival.alert, "event.id"))
        return found

    def goes_on(self) -> None:
        """Until something is told that was executed after now."""
        last = max(self.printed(), default=0)
        until(lambda: max(self.alerts(), default=0) > last + 5, "alerts go on")

    def close(self) -> None:
        self._printed.close()


def gaps(monitor: Monitor) -> list[tuple[float, float]]:
    """From when until when nobody watched, as each new monitor said."""
    found = [arrival.alert for arrival in monitor.alerts.arrivals() if get(arrival.alert, "rule.id") == "agent-gap"]
    return [(seconds(get(alert, "bongsu.gap.start")), seconds(get(alert, "bongsu.gap.end"))) for alert in found]


def delete_pod(cluster: Cluster, monitor: Monitor) -> None:
    cluster.kubectl("delete", "pod", monitor.name, "-n", NAMESPACE)


def upgrade(cluster: Cluster, monitor: Monitor) -> None:
    monitor.upgrade({"podAnnotations": {"example.com/upgraded": "yes"}})


@pytest.mark.parametrize("end", [delete_pod, upgrade])
def test_between_two_monitors_nothing_is_told_twice_and_the_gap_is_stated(
    end: Callable[[Cluster, Monitor], None],
    cluster: Cluster,
    install: Callable[..., Monitor],
    create: Callable[..., None],
    marker: str,
) -> None:
    monitor = install(rules_value(rule(marker)))
    create(pod("counter", counting(marker)))
    cluster.wait_running("counter")
    counter = Counter20(monitor, marker)
    try:
        counter.goes_on()
        assert gaps(monitor) == []
        old = monitor.name
        end(cluster, monitor)
        until(lambda: [found["metadata"]["name"] for found in monitor.pods()] not in ([], [old]), "a new pod")
        monitor.wait_ready()
        assert monitor.name != old
        counter.goes_on()
        until(lambda: gaps(monitor), "the event gap")

        told, printed = counter.alerts(), counter.printed()
        assert [ids for ids in told.values() if len(ids) != 1] == []
        most_common = Counter(identifier for ids in told.values() for identifier in ids).most_common(1)
        assert most_common[0][1] == 1
        assert len(gaps(monitor)) == 1
        start, stop = gaps(monitor)[0]
        assert start < stop < start + LONGEST_GAP_S
        missing = [printed[number] for number in range(min(told), max(told)) if number not in told]
        assert missing, "nothing happened in between, so this showed nothing"
        assert [at for at in missing if not start - SLACK_S < at < stop + SLACK_S] == []
    finally:
        counter.close()


def test_a_drained_nodes_pods_are_told_until_their_end(
    cluster: Cluster, install: Callable[..., Monitor], create: Callable[..., None], marker: str
) -> None:
    """A drain leaves DaemonSets alone; what it evicts is watched to its last program."""
    monitor = install(rules_value(rule(marker)))
    wait = "while :; do /bin/usleep 50000; done"
    script = f"trap '/bin/echo {marker}-last; exit 0' TERM; /bin/echo {marker}-first; {wait}"
    create(pod("evicted", script))
    cluster.wait_running("evicted")
    process, name = monitor.process(), monitor.name

    def alerts_about(word: str) -> list[str]:
        return [
            get(arrival.alert, "k8s.pod.name")
            for arrival in monitor.alerts.arrivals()
            if get(arrival.alert, "process.args") == ["/bin/echo", f"{marker}-{word}"]
        ]

    until(lambda: alerts_about("first"), "the pod's first program")
    try:
        cluster.kubectl("drain", NODE, "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=60s")
        until(lambda: alerts_about("last"), "the pod's last program")
    finally:
        cluster.kubectl("uncordon", NODE)
    assert (alerts_about("first"), alerts_about("last")) == (["evicted"], ["evicted"])
    assert (monitor.process(), [found["metadata"]["name"] for found in monitor.pods()]) == (process, [name])
    assert gaps(monitor) == []
