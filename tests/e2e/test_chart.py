# SPDX-License-Identifier: Apache-2.0
"""The chart without a cluster: lint, schemas, scores, golden manifests, and what the program says of what it renders.

tests/chart/values are the combinations of values that matter, tests/chart/golden what they render to. After a change
that is meant, write the golden files anew and look at the difference:

    CHART_GOLDEN=write scripts/test e2e -- -R e2e/chart
"""

import difflib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.chart import (
    CHART,
    COMBINATIONS,
    SUPPORT,
    all_of,
    combination,
    config_of,
    helm,
    lay_out_schemas,
    one,
    rendered_text,
    tools,
    try_to_render,
)  # fmt: skip
from support.running import run_bongsu, source_dir

every_combination = pytest.mark.parametrize("name", COMBINATIONS)


@every_combination
def test_lint_has_nothing_to_say(name: str) -> None:
    ran = helm("lint", "--strict", CHART, "--kube-version", "1.34.0", "--values", COMBINATIONS[name])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = [line for line in ran.stdout.splitlines() if line.startswith("[") and "icon is recommended" not in line]
    assert not said


@every_combination
def test_golden_manifests(name: str) -> None:
    golden = SUPPORT / "golden" / f"{name}.yaml"
    text = rendered_text("--values", COMBINATIONS[name])
    if os.environ.get("CHART_GOLDEN") == "write":
        golden.write_text(text)
    expected = golden.read_text()
    difference = difflib.unified_diff(expected.splitlines(), text.splitlines(), str(golden), "rendered", lineterm="")
    assert text == expected, "\n".join(difference)


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in (SUPPORT / "golden").glob("*.yaml")} == set(COMBINATIONS)


@pytest.mark.parametrize("version", ["1.25.0", "1.34.0", "1.37.0"])
def test_manifests_keep_to_the_schemas_of_kubernetes(version: str, tmp_path: Path) -> None:
    files, kinds = [], set()
    for name, values in COMBINATIONS.items():
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(rendered_text("--values", values, kubernetes=version))
        kinds |= {kind.lower() for kind in re.findall(r"^kind: (\w+)$", files[-1].read_text(), re.MULTILINE)}
    location = lay_out_schemas(tmp_path / "schemas", version, kinds)
    ran = subprocess.run(
        [tools()["kubeconform"], "-strict", "-summary", "-output", "json", "-kubernetes-version", version,
         "-schema-location", location, *files],
        capture_output=True, text=True,
    )  # fmt: skip
    found = json.loads(ran.stdout)
    assert ran.returncode == 0 and not found.get("resources"), json.dumps(found.get("resources"), indent=1)
    assert found["summary"]["valid"] > 40 and found["summary"]["skipped"] == 0


def test_scores() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for name, values in COMBINATIONS.items():
        if name == "minimal":  # switches off on purpose what the checks ask for
            continue
        ran = subprocess.run(
            [tools()["kube-score"], "score", "--all-default-optional", "--kubernetes-version", "v1.34",
             "--output-format", "json", "-"],
            input=rendered_text("--values", values), capture_output=True, text=True,
        )  # fmt: skip
        for scored in json.loads(ran.stdout):
            for check in scored["checks"]:
                if not check["skipped"] and check["grade"] < 10:
                    found.setdefault((scored["type_meta"]["kind"], check["check"]["id"]), set()).add(name)
    accepted = json.loads((SUPPORT / "kube-score.json").read_text())["accepted"]
    known = {(entry["kind"], entry["check"]): entry for entry in accepted}
    assert all(len(entry["reason"]) > 20 for entry in accepted)
    assert not {key: found[key] for key in found.keys() - known.keys()}, "found, and not accepted"
    assert not known.keys() - found.keys(), "accepted, and not found any more"
    for key, names in found.items():
        assert names <= set(known[key].get("combinations", names)), key


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("webhoks[0].url=http://a", "additional properties 'webhoks' not allowed"),
        ("config.sensor.scop=all", "at '/config/sensor': additional properties 'scop' not allowed"),
        ("config.http.listen=off", "at '/config': additional properties 'http' not allowed"),
        ("runtime.name=contaierd", "at '/runtime/name': value must be one of 'auto', 'containerd'"),
        ("securityContext.capabilities={CAP_BPF}", "'CAP_BPF' does not match pattern"),
        ("rules.custom.mine={}", "at '/rules/custom': additional properties 'mine' not allowed"),
        ("http.port=http", "at '/http/port': got string, want integer"),
        ("image.digest=latest", "at '/image/digest': 'latest' does not match pattern"),
        ("exclude.namespaces={Kube_System}", "at '/exclude/namespaces/0': 'Kube_System' does not match pattern"),
        ("livenessProbe.period=3", "at '/livenessProbe': additional properties 'period' not allowed"),
        ("webhooks[0].name=soc", "webhooks: soc needs url or urlFrom, and not both"),
    ],
)
def test_mistakes_are_told(setting: str, said: str) -> None:
    ran = try_to_render("--set", setting)
    assert ran.returncode != 0 and said in ran.stderr, ran.stderr


@pytest.mark.parametrize(
    ("webhooks", "said"),
    [
        ([{"name": "a", "url": "http://b", "urlFrom": {"secretName": "s", "key": "k"}}], "and not both"),
        ([{"name": "a", "url": "http://b"}, {"name": "a", "url": "http://c"}], "two are named a"),
        ([{"name": "a", "url": "http://b", "tls": {"caFrom": {"key": "k"}}}], "needs configMapName or secretName"),
        ([{"url": "http://b"}], "missing property 'name'"),
        ([{"name": "a", "url": "b"}], "'b' does not match pattern"),
    ],
)
def test_mistakes_in_webhooks_are_told(webhooks: list[dict[str, Any]], said: str) -> None:
    ran = try_to_render("--set-json", f"webhooks={json.dumps(webhooks)}")
    assert ran.returncode != 0 and said in ran.stderr, ran.stderr


def test_every_value_is_in_both_files() -> None:
    """The schema refuses what it does not know, and values.yaml shows all of the first two levels."""
    shown = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    assert set(schema) - {"global"} == set(shown)
    for name, value in shown.items():
        allowed = schema[name].get("properties")
        if allowed is not None:
            hidden = {"config": set(), "resources": {"claims"}}.get(name, set())
            assert set(allowed) - hidden == set(value), name


def test_the_readme_names_every_value() -> None:
    readme = (CHART / "README.md").read_text()
    for name in yaml.safe_load((CHART / "values.yaml").read_text()):
        assert re.search(rf"`{name}[`.]", readme), name


# ---- what the program says of it ------------------------------------------------------------------------


@every_combination
def test_the_program_takes_the_configuration(name: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config_of(combination(name))))
    ran = run_bongsu("config", "check", path)
    assert ran.returncode == 0, ran.stderr


def program_schema() -> dict[str, Any]:
    return json.loads(run_bongsu("config", "schema").stdout)["properties"]


def test_the_schema_of_values_is_the_program_s() -> None:
    """Below `config` the keys are those of the program, but for what the chart sets by itself."""
    theirs = program_schema()
    ours = json.loads((CHART / "values.schema.json").read_text())
    own = {"$schema", "rules", "webhooks", "http", "containers", "state", "spool"}
    assert set(ours["properties"]["config"]["properties"]) == set(theirs) - own
    for room, more in (("stdout", set()), ("sensor", set()),
                       ("kubernetes", {"node_name", "exclude_namespaces", "exclude_labels"})):  # fmt: skip
        keys = ours["properties"]["config"]["properties"][room]["properties"]
        assert set(keys) == set(theirs[room]["properties"]) - more
        for key, schema in keys.items():
            if "enum" in schema:
                assert set(schema["enum"]) == set(theirs[room]["properties"][key]["enum"]), key


def test_the_program_takes_custom_rules(tmp_path: Path) -> None:
    data = one(combination("rules"), "ConfigMap", "-rules")["data"]
    assert set(data) == {"curl.json", "text.json"}
    for name, text in data.items():
        (tmp_path / name).write_text(text)
    ran = run_bongsu("rules", "check", tmp_path)
    assert ran.returncode == 0 and "2 good rules" in ran.stdout, ran.stdout + ran.stderr
    assert run_bongsu("rules", "test", tmp_path).returncode == 0


def test_without_custom_rules_their_folder_is_empty(tmp_path: Path) -> None:
    assert one(combination("default"), "ConfigMap", "-rules")["data"] == {}
    (tmp_path / "rules.d").mkdir()
    ran = run_bongsu("rules", "check", tmp_path / "rules.d", source_dir() / "rules")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_program_has_the_flags_of_the_container() -> None:
    usage = run_bongsu("run", "--help").stdout
    for manifest in all_of(combination("default"), "DaemonSet"):
        [container] = manifest["spec"]["template"]["spec"]["containers"]
        assert container["args"][0] == "run"
        for flag in (word for word in container["args"] if word.startswith("--")):
            assert f"{flag} " in usage


def known_metrics() -> set[str]:
    documented = (source_dir() / "docs/operations.md").read_text()
    return set(re.findall(r"`((?:bongsu|process)_[a-z_]+)`", documented))


@pytest.mark.parametrize("file", ["files/alerts.yaml", "files/dashboard.json"])
def test_metrics_are_those_of_the_program(file: str) -> None:
    named = re.findall(r"\b((?:bongsu|process)_[a-z_]+?)(?:_bucket)?\b", (CHART / file).read_text())
    assert len(set(named)) > 5
    assert not set(named) - known_metrics()


def test_the_version_is_the_program_s() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    [declared] = re.findall(r"project\(bongsu VERSION ([0-9.]+)", (source_dir() / "CMakeLists.txt").read_text())
    assert chart["version"] == chart["appVersion"] == declared
