# SPDX-License-Identifier: Apache-2.0
"""The chart without a cluster: helm and the other programs, rendering, and what kubeconform needs to know."""

import functools
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from support.running import source_dir

CHART = source_dir() / "charts/bongsu"
SUPPORT = source_dir() / "tests/chart"
COMBINATIONS = {path.stem: path for path in sorted((SUPPORT / "values").glob("*.yaml"))}
KUBERNETES = "1.34.0"  # what is rendered for, when a test says nothing else

Manifest = dict[str, Any]


@functools.cache
def tools() -> dict[str, str]:
    """The programs of scripts/chart-tools, built on the first run."""
    ran = subprocess.run([source_dir() / "scripts/chart-tools"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return dict(line.split(" ", 1) for line in ran.stdout.splitlines())


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tools()["helm"], *arguments], capture_output=True, text=True)


def try_to_render(
    *arguments: str | Path,
    release: str = "bongsu",
    namespace: str = "security",
    kubernetes: str = KUBERNETES,
    chart: Path = CHART,
) -> subprocess.CompletedProcess[str]:
    return helm("template", release, chart, "--namespace", namespace, "--kube-version", kubernetes, *arguments)


def rendered_text(*arguments: str | Path, **options: Any) -> str:
    ran = try_to_render(*arguments, **options)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def render(*arguments: str | Path, **options: Any) -> list[Manifest]:
    return [manifest for manifest in yaml.safe_load_all(rendered_text(*arguments, **options)) if manifest]


@functools.cache
def combination(name: str) -> list[Manifest]:
    return render("--values", COMBINATIONS[name])


def one(manifests: list[Manifest], kind: str, ending: str = "") -> Manifest:
    found = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"].endswith(ending)]
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]


def all_of(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [m for m in manifests if m["kind"] == kind]


def pod_of(manifests: list[Manifest]) -> Manifest:
    return one(manifests, "DaemonSet")["spec"]["template"]


def container_of(manifests: list[Manifest]) -> Manifest:
    [container] = pod_of(manifests)["spec"]["containers"]
    return container


def config_of(manifests: list[Manifest]) -> Manifest:
    return json.loads(one(manifests, "ConfigMap", "-config")["data"]["config.json"])


def chart_with_notes_as_manifest(folder: Path) -> Path:
    """`helm template` leaves NOTES.txt out and `helm install` wants a cluster: a copy whose notes are a ConfigMap's."""
    copy = folder / "bongsu"
    shutil.copytree(CHART, copy)
    (copy / "templates/NOTES.txt").rename(copy / "files/NOTES.txt")
    (copy / "templates/notes.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: the-notes}\n"
        'data: {notes: {{ tpl (.Files.Get "files/NOTES.txt") . | toJson }}}\n'
    )
    return copy


def lay_out_schemas(folder: Path, version: str, kinds: set[str]) -> str:
    """These kinds' schemas of the Python package kubernetes-validate as kubeconform wants them: its -schema-location.

    Their "$id" and the absolute path in "$ref" would make kubeconform ask a network. Those of the Prometheus operator's
    kinds are ours, of the fields that the chart uses.
    """
    found = importlib.util.find_spec("kubernetes_validate")  # only its data: its code needs more packages
    assert found is not None and found.submodule_search_locations, "not installed: scripts/requirements.txt"
    package = Path(found.submodule_search_locations[0]) / "kubernetes-json-schema"
    target = folder / f"v{version}-strict"
    target.mkdir(parents=True)
    for path in (package / f"v{version}-local-strict").glob("*.json"):
        if path.stem != "_definitions" and path.name.split("-")[0] not in kinds:
            continue
        schema = json.loads(path.read_text().replace('"/api/_definitions.json', '"_definitions.json'))
        schema.pop("$id", None)
        schema.pop("id", None)
        (target / path.name).write_text(json.dumps(schema))
    for path in (SUPPORT / "schemas").glob("*.json"):
        shutil.copy(path, target)
    return str(folder) + "/{{.NormalizedKubernetesVersion}}{{.StrictSuffix}}/{{.ResourceKind}}{{.KindSuffix}}.json"
