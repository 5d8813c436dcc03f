# SPDX-License-Identifier: Apache-2.0
"""Pods that the tests run, of an image with busybox and nothing else."""

import shutil
from pathlib import Path
from typing import Any

from kube.cluster import Cluster, Object
from support.monitor import Event, get

IMAGE_NAME = "bongsu.local/box"
IMAGE_TAG = "1.0"
CONTAINER = "main"
APPLETS = ("sh", "sleep", "echo", "true", "cat", "date", "usleep")


def import_box(cluster: Cluster, folder: Path) -> None:
    programs = folder / "bin"
    programs.mkdir(parents=True)
    busybox = shutil.which("busybox")
    assert busybox, "busybox is missing: scripts/setup test"
    shutil.copy(busybox, programs / "busybox")
    for applet in APPLETS:
        (programs / applet).symlink_to("busybox")
    cluster.import_folder(f"{IMAGE_NAME}:{IMAGE_TAG}", folder, {"Env": ["PATH=/bin"]})


def pod_spec(script: str, **more: Any) -> Object:
    return {
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "containers": [
            {
                "name": CONTAINER,
                "image": f"{IMAGE_NAME}:{IMAGE_TAG}",
                "imagePullPolicy": "Never",
                "command": ["/bin/sh", "-c", script],
            }
        ],
        **more,
    }


def pod(name: str, script: str, labels: dict[str, str] | None = None, **more: Any) -> Object:
    metadata = {"name": name, "namespace": "default", "labels": labels or {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(script, **more)}


def deployment(name: str, script: str, labels: dict[str, str]) -> Object:
    template = {"metadata": {"labels": labels}, "spec": pod_spec(script)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }


def job(name: str, script: str, labels: dict[str, str]) -> Object:
    template = {"metadata": {"labels": labels}, "spec": pod_spec(script, restartPolicy="Never")}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"backoffLimit": 0, "template": template},
    }


def counting(marker: str) -> str:
    """A script that executes `echo MARKER-1-`, `echo MARKER-2-`, ... about 20 times a second. What it prints is in its
    log with the time at which it was printed."""
    return f"trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); /bin/echo {marker}-$i-; /bin/usleep 50000; done"


def number_of(alert: Event, marker: str) -> int | None:
    """Which of those an alert is about."""
    for argument in get(alert, "process.args") or []:
        if argument.startswith(f"{marker}-") and argument.endswith("-"):
            return int(argument.removeprefix(f"{marker}-").removesuffix("-"))
    return None


def identity_of(alert: Event) -> Object:
    """What an alert says of where it happened, as the tests compare it."""
    return {
        "namespace": get(alert, "k8s.namespace.name"),
        "pod": get(alert, "k8s.pod.name"),
        "uid": get(alert, "k8s.pod.uid"),
        "labels": get(alert, "k8s.pod.label"),
        "owner": (get(alert, "k8s.owner.kind"), get(alert, "k8s.owner.name")),
        "container": get(alert, "container.name"),
        "kind": get(alert, "container.kind"),
        "image": (get(alert, "container.image.name"), get(alert, "container.image.tag")),
        "node": get(alert, "k8s.node.name"),
        "metadata": get(alert, "container.metadata"),
    }


def expected_identity(found: Object, owner: tuple[str, str] | None, node: str) -> Object:
    """The same of a pod as the API server has it. Whoever has no owner has neither kind nor name."""
    metadata = found["metadata"]
    return {
        "namespace": metadata["namespace"],
        "pod": metadata["name"],
        "uid": metadata["uid"],
        "labels": metadata["labels"],
        "owner": owner or (None, None),
        "container": CONTAINER,
        "kind": "workload",
        "image": (IMAGE_NAME, IMAGE_TAG),
        "node": node,
        "metadata": "complete",
    }
