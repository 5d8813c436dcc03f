# SPDX-License-Identifier: Apache-2.0
"""The cluster of scripts/cluster, and what is asked of it."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.running import source_dir, until

SCRIPT = source_dir() / "scripts/cluster"
NODE = "node-1"
KUBE_VERSION = "1.34.4"  # for helm template, which asks no API server
NODE_ADDRESS = "10.89.0.2"
# What one command may take, with the machine's other load.
COMMAND_S = 180.0

Object = dict[str, Any]


class Cluster:
    def run(
        self, *arguments: str | Path, text: str | None = None, check: bool = True, timeout_s: float = COMMAND_S
    ) -> subprocess.CompletedProcess[str]:
        """scripts/cluster with these arguments; `text` is its standard input."""
        ran = subprocess.run(
            [SCRIPT, *arguments], input=text or "", capture_output=True, text=True, timeout=timeout_s
        )  # fmt: skip
        if check and ran.returncode != 0:
            command = " ".join(map(str, arguments))
            raise AssertionError(f"{command}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran

    def up(self) -> bool:
        return self.run("status", check=False).returncode == 0

    def kubectl(self, *arguments: str, **options: Any) -> str:
        return self.run("kubectl", *arguments, **options).stdout

    def helm(self, *arguments: str | Path, **options: Any) -> str:
        return self.run("helm", *arguments, **options).stdout

    def in_node(self, *command: str | Path, **options: Any) -> str:
        return self.run("exec", *command, **options).stdout

    def apply(self, *objects: Object) -> None:
        self.kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))

    def get(self, kind: str, name: str = "", *, namespace: str = "default", labels: str = "") -> Object:
        """The object, or the list of those with the labels; {} when it is not there."""
        selection = ["-l", labels] if labels else [name]
        ran = self.run("kubectl", "get", kind, *selection, "-n", namespace, "-o", "json", check=False)
        if ran.returncode != 0 and "NotFound" not in ran.stderr:
            raise AssertionError(f"get {kind} {name}{labels}: {ran.stderr}")
        return json.loads(ran.stdout) if ran.returncode == 0 else {}

    def delete(self, kind: str, name: str, *, namespace: str = "default", now: bool = True) -> None:
        self.kubectl("delete", kind, name, "-n", namespace, "--ignore-not-found", *(["--now"] if now else []))

    def wait_running(self, pod: str, *, namespace: str = "default") -> Object:
        def running() -> Object:
            found = self.get("pod", pod, namespace=namespace)
            statuses = found.get("status", {}).get("containerStatuses", [])
            return found if statuses and all("running" in status["state"] for status in statuses) else {}

        try:
            return until(running, f"pod {namespace}/{pod} runs")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.kubectl('describe', 'pod', pod, '-n', namespace)}") from None

    def import_folder(self, name: str, folder: Path, configuration: Object) -> None:
        """An image of the folder's files, given to the node."""
        with tempfile.TemporaryDirectory() as work:
            archive = Path(work) / "image.tar"
            self.run("mkimage", name, folder, archive, json.dumps(configuration))
            self.run("image", archive)


def merged(base: Object, over: Object) -> Object:
    """As Helm lays values over each other: objects are merged, all else is replaced."""
    both = dict(base)
    for key, value in over.items():
        both[key] = merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def first(items: Sequence[Object], what: str) -> Object:
    assert items, f"no {what}"
    return items[0]
