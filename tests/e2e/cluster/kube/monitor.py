# SPDX-License-Identifier: Apache-2.0
"""Bongsu, installed by its chart."""

import contextlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kube.cluster import NODE_ADDRESS, SCRIPT, Cluster, Object, first, merged
from kube.lines import AlertLines
from support.monitor import Event
from support.running import source_dir, until

RELEASE = "bongsu"
NAMESPACE = "bongsu"
PODS = f"app.kubernetes.io/name=bongsu,app.kubernetes.io/instance={RELEASE},app.kubernetes.io/component=monitor"
READY_S = 120.0
MOST_RESTARTS = 2
RULE = "cluster-test"
STATE_ON_NODE = "/var/lib/bongsu/watch.json"


def chart() -> Path:
    return Path(os.environ.get("BONGSU_CHART") or source_dir() / "charts/bongsu")


def rule(marker: str, identifier: str = RULE, **more: Any) -> Object:
    """Every exec with the marker in an argument."""
    return {
        "id": identifier,
        "name": f"Test rule {identifier}",
        "description": "Written by a test.",
        "severity": "high",
        "event": "exec",
        "match": {"process.args": {"contains": marker}},
        "throttle": False,
        **more,
    }


def rules_value(*rules: Object) -> Object:
    return {"rules": {"custom": {"tests.json": {"rules": list(rules)}}}}


class Receiver(AlertLines):
    """A webhook's server in the node's network, where pods reach it, and the monitor without the API server."""

    def __init__(self) -> None:
        super().__init__([SCRIPT, "exec", "python3", "-u", Path(__file__).with_name("receive.py"), NODE_ADDRESS])
        self.url = f"http://{NODE_ADDRESS}:{self.wait('port ').split()[1]}/alerts"


class Monitor:
    """One release. `alerts` is what its webhook was sent, from all its pods; `log` what the present pod prints."""

    def __init__(self, cluster: Cluster, folder: Path, values: Object) -> None:
        self._cluster = cluster
        self._folder = folder
        self.values: Object = {}
        self._stack = contextlib.ExitStack()
        self.alerts = Receiver()
        self._stack.callback(self.alerts.close)
        try:
            webhook = {"name": "tests", "url": self.alerts.url, "retry": {"first": "100ms", "max": "1s"}}
            self.upgrade(merged({"webhooks": [webhook]}, values))
            self.wait_ready()
        except BaseException:
            self.close()
            raise

    def upgrade(self, values: Object) -> None:
        """Lays the values over those there are; does not wait for a rolling upgrade that may follow."""
        self.values = merged(self.values, values)
        file = self._folder / "values.json"
        file.write_text(json.dumps(self.values))
        self._cluster.helm("upgrade", "--install", RELEASE, chart(), "-n", NAMESPACE, "--create-namespace", "-f", file)

    def wait_ready(self) -> None:
        """Until the rollout is done; from then on the log of the new pod is followed."""
        status = ["kubectl", "rollout", "status", f"daemonset/{RELEASE}", "-n", NAMESPACE, "--timeout=5s"]

        def done_or_hopeless() -> bool:
            return self._cluster.run(*status, check=False).returncode == 0 or self._restarts() >= MOST_RESTARTS

        try:
            until(done_or_hopeless, "the rollout is done", READY_S)
            assert self._restarts() < MOST_RESTARTS, "the monitor ends again and again"
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.describe()}") from None
        self.follow()

    def _restarts(self) -> int:
        statuses = [status for pod in self.pods() for status in pod["status"].get("containerStatuses", [])]
        return max((status["restartCount"] for status in statuses), default=0)

    def follow(self) -> None:
        self.pod = first(self.pods(), "pod of the monitor")
        self.name: str = self.pod["metadata"]["name"]
        self.log = AlertLines([SCRIPT, "kubectl", "logs", "--follow", self.name, "-n", NAMESPACE])
        self._stack.callback(self.log.close)

    def pods(self) -> list[Object]:
        """Those that nobody has asked to end."""
        found = self._cluster.get("pods", namespace=NAMESPACE, labels=PODS)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def describe(self) -> str:
        logs = ["logs", "-l", PODS, "-n", NAMESPACE, "--tail=40"]
        told = [
            self._cluster.run("kubectl", *arguments, check=False).stdout
            for arguments in (["describe", "pods", "-l", PODS, "-n", NAMESPACE], logs, [*logs, "--previous"])
        ]
        return "\n".join(told)

    def wait_alert(self, predicate: Callable[[Event], Any]) -> Event:
        return self.alerts.wait_alerts(predicate)[0].alert

    def process(self) -> int:
        """Its pid on this machine."""
        container = self.pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
        found = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cgroup")
            if container in _text(path) and _text(path.parent / "comm").strip() == "bongsu"
        ]
        assert len(found) == 1, f"processes of {self.name}: {found}"
        return found[0]

    def metrics(self) -> str:
        return self._cluster.in_node("curl", "-sS", f"http://{self.pod['status']['podIP']}:9464/metrics")

    def metric(self, name: str) -> float:
        """The sum over all its labels; 0 without any."""
        rows = re.findall(rf"^{re.escape(name)}(?:\{{.*\}})? (\S+)$", self.metrics(), re.MULTILINE)
        return sum(float(row) for row in rows)

    def wait_synced(self) -> None:
        """Until the API server has told it of the node's pods."""
        until(lambda: self.metric("bongsu_kubernetes_synced") == 1, "bongsu_kubernetes_synced 1")

    def close(self) -> None:
        # The namespace goes too, and what it noted on the node: nothing of one test's release meets the next one's.
        self._stack.close()
        self._cluster.run("helm", "uninstall", RELEASE, "-n", NAMESPACE, "--wait", "--ignore-not-found")
        self._cluster.run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
        self._cluster.in_node("rm", "-rf", STATE_ON_NODE)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended
        return ""
