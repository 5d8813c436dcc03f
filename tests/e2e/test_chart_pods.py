# SPDX-License-Identifier: Apache-2.0
"""What the chart's manifests promise, looked at in what is rendered: rights, mounts, names, selectors, restarts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.chart import (
    COMBINATIONS,
    Manifest,
    all_of,
    chart_with_notes_as_manifest,
    combination,
    config_of,
    container_of,
    one,
    pod_of,
    render,
)  # fmt: skip

DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
every_combination = pytest.mark.parametrize("name", COMBINATIONS)


def values(**given: Any) -> list[str]:
    return [word for key, value in given.items() for word in ("--set-json", f"{key}={json.dumps(value)}")]


# ---- the least that it needs ----------------------------------------------------------------------------


def test_rights_are_the_least() -> None:
    assert container_of(combination("default"))["securityContext"] == {
        "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": False,
        "privileged": False, "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"], "add": ["BPF", "PERFMON", "DAC_READ_SEARCH"]},
        "seccompProfile": {"type": "RuntimeDefault"}, "seLinuxOptions": {"type": "spc_t"},
    }  # fmt: skip


def test_privileged_stands_for_all_the_rest() -> None:
    context = container_of(combination("privileged"))["securityContext"]
    assert context == {
        "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": False, "privileged": True, "readOnlyRootFilesystem": True,
    }  # fmt: skip


def test_before_1_30_apparmor_is_an_annotation() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/bongsu"
    unconfined = values(**{"securityContext.appArmorProfile": {"type": "Unconfined"}})
    for version, annotated in (("1.29.9", True), ("1.30.0-gke.1", False)):
        manifests = render(*unconfined, kubernetes=version)
        assert (pod_of(manifests)["metadata"]["annotations"].get(key) == "unconfined") == annotated
        assert ("appArmorProfile" in container_of(manifests)["securityContext"]) != annotated
    local = values(**{"securityContext.appArmorProfile": {"type": "Localhost", "localhostProfile": "bongsu"}})
    assert pod_of(render(*local, kubernetes="1.29.9"))["metadata"]["annotations"][key] == "localhost/bongsu"


@every_combination
def test_only_its_own_folder_is_writable_and_no_socket_is_mounted(name: str) -> None:
    manifests = combination(name)
    folders = {v["name"]: v["hostPath"]["path"] for v in pod_of(manifests)["spec"]["volumes"] if "hostPath" in v}
    for mount in container_of(manifests)["volumeMounts"]:
        assert "subPath" not in mount, "the kubelet would not renew it"
        if mount["name"] != "state":
            assert mount["readOnly"] is True, mount
        if mount["name"] in folders:
            assert mount["mountPath"] == folders[mount["name"]]
    for path in folders.values():
        assert path not in ("/", "/run", "/var", "/var/run", "/var/lib", "/run/containerd", "/run/docker", "/proc")
        assert not path.endswith(".sock")


def test_what_lies_below_a_mount_is_read_only_too_where_that_can_be_had() -> None:
    for version, there in (("1.32.0", False), ("1.33.0", True)):
        mounts = container_of(render(kubernetes=version))["volumeMounts"]
        of_host = [m for m in mounts if m["name"] == "cgroup" or m["name"].startswith("bundles-")]
        assert len(of_host) == 4
        assert all((m.get("recursiveReadOnly") == "IfPossible") == there for m in of_host)


@pytest.mark.parametrize(
    ("runtime", "paths"),
    [
        ("containerd", ["/run/containerd/io.containerd.runtime.v2.task"]),
        ("cri-o", ["/run/containers/storage/overlay-containers", "/var/lib/containers/storage/overlay-containers"]),
        ("rke2", ["/run/k3s/containerd/io.containerd.runtime.v2.task"]),
        ("k0s", ["/run/k0s/containerd/io.containerd.runtime.v2.task"]),
    ],
)
def test_each_runtime_has_its_bundle_folders(runtime: str, paths: list[str]) -> None:
    mounts = container_of(render(*values(**{"runtime.name": runtime})))["volumeMounts"]
    assert [m["mountPath"] for m in mounts if m["name"].startswith("bundles-")] == paths


def test_further_bundle_folders_are_mounted_and_told() -> None:
    manifests = combination("privileged")
    assert config_of(manifests)["containers"] == {"bundle_directories": ["/opt/runtime/bundles"]}
    assert "/opt/runtime/bundles" in [mount["mountPath"] for mount in container_of(manifests)["volumeMounts"]]


@every_combination
def test_the_role_is_to_list_and_watch_pods(name: str) -> None:
    manifests = combination(name)
    roles = all_of(manifests, "ClusterRole") + all_of(manifests, "Role")
    asks = config_of(manifests)["kubernetes"]["api"] != "off"
    assert pod_of(manifests)["spec"]["automountServiceAccountToken"] is asks
    assert one(manifests, "ServiceAccount")["automountServiceAccountToken"] is False
    assert [role["rules"] for role in roles] == (
        [[{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}]] if asks else []
    )


@every_combination
def test_the_node_is_the_host_s_but_its_network_is_not(name: str) -> None:
    pod = pod_of(combination(name))["spec"]
    assert pod["hostPID"] is True and "hostNetwork" not in pod and "hostIPC" not in pod
    assert pod["enableServiceLinks"] is False, "BONGSU_... of a Service would be settings"
    assert pod["tolerations"] == [{"operator": "Exists"}]


# ---- restarts, only where needed ------------------------------------------------------------------------


def template(*arguments: str) -> Manifest:
    return pod_of(render(*arguments))


@pytest.mark.parametrize(
    "change",
    [
        {"config.stdout.min_severity": "high"}, {"config.heartbeat": "5m"}, {"config.kubernetes.labels": ["app"]},
        {"exclude.namespaces": ["kube-system"]}, {"rules.custom": {"a.json": {"rules": []}}}, {"rules.default": False},
        {"webhooks": [{"name": "a", "url": "http://b"}]}, {"serviceMonitor.enabled": True},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_change_that_is_read_anew_does_not_touch_the_pods(change: dict[str, Any]) -> None:
    assert template(*values(**change)) == template()


@pytest.mark.parametrize(
    "change",
    [{"config.sensor.scope": "containers"}, {"config.kubernetes.api": "on"}, {"http.readyDegraded": True}],
    ids=lambda change: next(iter(change)),
)
def test_a_change_that_is_read_at_the_start_rolls_the_pods(change: dict[str, Any]) -> None:
    def checksum(pod: Manifest) -> str:
        return pod["metadata"]["annotations"]["checksum/restart"]

    assert checksum(template(*values(**change))) != checksum(template())


def test_a_release_of_the_chart_alone_does_not_roll_the_pods() -> None:
    assert not template()["metadata"]["labels"].keys() & {"helm.sh/chart", "app.kubernetes.io/version"}


# ---- secrets --------------------------------------------------------------------------------------------


def test_secrets_are_mounted_where_the_configuration_looks_for_them() -> None:
    manifests = combination("webhooks")
    [volume] = [v for v in pod_of(manifests)["spec"]["volumes"] if v["name"] == "secrets"]
    assert volume["projected"]["defaultMode"] == 0o400
    files = {}
    for source in volume["projected"]["sources"]:
        [(kind, what)] = source.items()
        for item in what["items"]:
            files[f"/etc/bongsu/secrets/{item['path']}"] = (kind, what["name"], item["key"])
    soc, chat, lab = config_of(manifests)["webhooks"]
    assert files[soc["url_file"]] == ("secret", "soc", "url")
    assert files[soc["bearer_token_file"]] == ("secret", "soc", "token")
    assert files[soc["tls"]["ca_file"]] == ("configMap", "company-ca", "ca.crt")
    assert files[soc["hmac_key_file"]] == ("secret", "soc", "hmac")
    assert files[soc["tls"]["cert_file"]] == ("secret", "bongsu-client", "tls.crt")
    assert files[soc["tls"]["key_file"]] == ("secret", "bongsu-client", "tls.key")
    assert files[chat["url_file"]] == ("secret", "chat", "hook")
    assert len(files) == 7
    assert lab == {"name": "lab", "url": "https://collector.example:8443/alerts", "headers": {"X-Cluster": "prod-1"},
                   "tls": {"verify": False}}  # fmt: skip
    assert soc["min_severity"] == "medium" and soc["retry"] == {"first": "200ms", "max": "30s"}


def test_without_secrets_nothing_is_mounted_for_them() -> None:
    assert "secrets" not in [v["name"] for v in template()["spec"]["volumes"]]


# ---- names and selectors --------------------------------------------------------------------------------


RELEASES = ["bongsu", "a", "1.a", "my.bongsu", "x" * 53, "bongsu-" + "y" * 46, "a." * 26 + "b"]


@pytest.mark.parametrize("release", RELEASES)
def test_names_are_good_for_every_release(release: str) -> None:
    for arguments in ((), ("--set", "nameOverride=" + "n" * 63), ("--set", "fullnameOverride=" + "f" * 63)):
        manifests = render(*arguments, release=release, namespace="n" * 63)
        for manifest in manifests:
            name = manifest["metadata"]["name"]
            longest = 253 if manifest["kind"].startswith("ClusterRole") else 63
            assert len(name) <= longest and (longest == 253 or DNS_LABEL.fullmatch(name)), name
        labels = [one(manifests, "DaemonSet")["metadata"]["labels"], one(manifests, "Pod")["metadata"]["labels"]]
        assert all(len(str(value)) <= 63 for each in labels for value in each.values())


def test_long_names_are_cut_but_stay_apart() -> None:
    names = {one(render(release="r" * 52 + last), "DaemonSet")["metadata"]["name"] for last in "ab"}
    assert len(names) == 2


def test_two_namespaces_share_no_cluster_wide_name() -> None:
    names = {one(render(namespace=n), "ClusterRole")["metadata"]["name"] for n in ("one", "two")}
    assert len(names) == 2


def selects(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return selector.items() <= labels.items()


@pytest.mark.parametrize("name", [name for name in COMBINATIONS if name != "minimal"])
def test_selectors_choose_the_monitors_and_only_them(name: str) -> None:
    manifests = combination(name)
    monitor = pod_of(manifests)["metadata"]["labels"]
    test = one(manifests, "Pod")["metadata"]["labels"]
    policy = one(manifests, "NetworkPolicy")["spec"]
    service = one(manifests, "Service")
    choosers = [one(manifests, "DaemonSet")["spec"]["selector"]["matchLabels"], service["spec"]["selector"],
                policy["podSelector"]["matchLabels"]]  # fmt: skip
    for chooser in choosers:
        assert selects(chooser, monitor) and not selects(chooser, test)
    let_in = [source["podSelector"] for source in policy["ingress"][0]["from"] if "podSelector" in source]
    assert any(selects(source["matchLabels"], test) for source in let_in), "helm test must be let in"
    for watcher in all_of(manifests, "ServiceMonitor"):
        assert selects(watcher["spec"]["selector"]["matchLabels"], service["metadata"]["labels"])
        assert watcher["spec"]["namespaceSelector"]["matchNames"] == [service["metadata"]["namespace"]]


def test_the_alerts_speak_of_this_release() -> None:
    groups = one(combination("monitoring"), "PrometheusRule")["spec"]["groups"]
    assert len(groups[0]["rules"]) == 11
    for alert in groups[0]["rules"]:
        assert 'job="bongsu",namespace="security"' in alert["expr"] and "SELECTOR" not in alert["expr"]
        assert alert["labels"]["team"] == "security" and alert["labels"]["severity"] in ("warning", "critical")
        assert {"summary", "description"} <= set(alert["annotations"])


# ---- image, test, notes ---------------------------------------------------------------------------------


def test_a_digest_stands_over_the_tag() -> None:
    assert container_of(render())["image"] == "bongsu:0.1.0"
    assert container_of(render("--set", "image.tag=0.2"))["image"] == "bongsu:0.2"
    assert container_of(combination("webhooks"))["image"].startswith("bongsu@sha256:0123")


def test_helm_test_asks_the_monitor_of_its_own_node() -> None:
    manifests = combination("inline-webhook")
    service, pod = one(manifests, "Service"), one(manifests, "Pod")
    assert service["spec"]["internalTrafficPolicy"] == "Local"
    [container] = pod["spec"]["containers"]
    assert container["args"] == ["verify", "--url", "http://bongsu:80", "--timeout", "30s"]
    assert pod["spec"]["enableServiceLinks"] is True
    [by_default] = one(render(release="my"), "Pod")["spec"]["containers"]
    assert by_default["args"][2] == "http://$(MY_BONGSU_SERVICE_HOST):9464"
    [given] = one(render("--set", "test.url=http://there:1"), "Pod")["spec"]["containers"]
    assert given["args"][2] == "http://there:1"
    assert config_of(manifests)["http"]["listen"] == "[::]:9500"
    assert container["image"] == container_of(manifests)["image"]
    for key in ("nodeSelector", "affinity", "tolerations"):
        assert pod["spec"][key] == pod_of(manifests)["spec"][key]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["runAsNonRoot"] is True and "hostPID" not in pod["spec"]


@pytest.fixture(scope="module")
def notes_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chart_with_notes_as_manifest(tmp_path_factory.mktemp("notes"))


@every_combination
def test_the_notes_say_how_to_see_the_first_alert(name: str, notes_chart: Path) -> None:
    manifests = render("--values", COMBINATIONS[name], chart=notes_chart, release="r")
    notes = one(manifests, "ConfigMap", "the-notes")["data"]["notes"]
    daemon_set = one(manifests, "DaemonSet")
    assert f"kubectl -n security rollout status daemonset/{daemon_set['metadata']['name']}" in notes
    [selector] = re.findall(r" logs .*\\\n +-l (\S+)", notes)
    chosen = dict(pair.split("=") for pair in selector.split(","))
    assert selects(chosen, daemon_set["spec"]["template"]["metadata"]["labels"])
    assert "pod-security.kubernetes.io/enforce=privileged" in notes
    assert ("helm -n security test r" in notes) == (name != "minimal")
    assert ("NOT judged: pods of kube-system, load-tests" in notes) == (name == "rules")
    assert not re.search(r"<no value>|%!|\{\{", notes)
    assert max(len(line) for line in notes.splitlines()) <= 120
