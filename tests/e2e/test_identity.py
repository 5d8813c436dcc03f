# SPDX-License-Identifier: Apache-2.0
"""Real containers whose bundles are annotated as Kubernetes' are: their names are known from the very first event on,
and the runtime's own doing is told apart from theirs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.container import Container, ContainerHost, usable_runtimes
from support.monitor import Command, Event, get, has_argument, is_action
from support.rules import marked, rule, write_rules
from support.running import environment, run_bongsu

pytestmark = pytest.mark.kernel

SHORT_LIVED = 20
RUNTIMES = [runtime for runtime, reason in usable_runtimes().items() if not reason]
DIGEST = "sha256:" + "7" * 64


@pytest.fixture(params=RUNTIMES)
def containers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ContainerHost]:
    host = ContainerHost(tmp_path / "containers", request.param)
    try:
        yield host
    finally:
        host.close()


def annotations(container: Container, kind: str = "container") -> dict[str, str]:
    """As containerd's CRI plugin writes them."""
    common = {
        "io.kubernetes.cri.container-type": kind,
        "io.kubernetes.cri.sandbox-id": "5" * 64,
        "io.kubernetes.cri.sandbox-name": f"pod-{container.id[:8]}",
        "io.kubernetes.cri.sandbox-namespace": "shop",
        "io.kubernetes.cri.sandbox-uid": container.pod_uid,
    }
    if kind == "sandbox":
        return common
    return common | {
        "io.kubernetes.cri.container-name": "web",
        "io.kubernetes.cri.image-name": f"registry.example:5000/web:1.2@{DIGEST}",
    }


@pytest.fixture
def watch_bundles(watch: Callable, containers: ContainerHost) -> Callable[..., Command]:
    def begin(rules: Path, *arguments: str | Path) -> Command:
        env = environment(
            BONGSU_CONTAINERS_BUNDLE_DIRECTORIES=str(containers.bundles), BONGSU_KUBERNETES_NODE_NAME="node-a"
        )
        return watch(rules, *arguments, env=env)

    return begin


def assert_identity(event: Event, container: Container) -> None:
    expected = {
        "container.id": container.id,
        "container.name": "web",
        "container.kind": "workload",
        "container.runtime": "containerd",
        "container.image.name": "registry.example:5000/web",
        "container.image.tag": "1.2",
        "container.image.hash.all": [DIGEST],
        "container.security_context.privileged": False,
        "container.metadata": "complete",
        "k8s.pod.name": f"pod-{container.id[:8]}",
        "k8s.pod.uid": container.pod_uid,
        "k8s.namespace.name": "shop",
        "k8s.container.name": "web",
        "k8s.node.name": "node-a",
        "host.name": "node-a",
    }
    assert {name: get(event, name) for name in expected} == expected


def test_the_first_exec_of_a_container_has_its_name_however_short_it_lives(
    containers: ContainerHost, watch_bundles: Callable, marker: str, tmp_path: Path
) -> None:
    rules = write_rules(
        tmp_path / "rules.json",
        marked(marker),
        rule("start", {"k8s.namespace.name": "shop"}, event="container_start"),
    )
    monitor = watch_bundles(rules)
    made = {}
    for number in range(SHORT_LIVED):
        container = containers.new()
        name = f"{marker}-{number:03}"
        made[name] = container
        containers.run(container, ["/bin/sh", "-c", "exit 0", name], annotations(container))

    monitor.events.wait(is_action("exec"), SHORT_LIVED)
    monitor.events.wait(is_action("container_start"), SHORT_LIVED)
    monitor.stop(15)
    for name, container in made.items():
        [first] = monitor.events.where(has_argument(name))
        assert_identity(first, container)
    by_id = {container.id: container for container in made.values()}
    for start in monitor.events.where(is_action("container_start")):
        assert_identity(start, by_id.pop(get(start, "container.id")))
    assert not by_id, "some started without a word"


def test_the_runtimes_own_doing_is_told_apart(
    containers: ContainerHost, watch_bundles: Callable, marker: str, tmp_path: Path
) -> None:
    container = containers.new()
    rules = write_rules(
        tmp_path / "rules.json",
        *(rule(name, {"container.id": container.id}, event=name) for name in ("exec", "fork", "exit", "mount")),
    )
    monitor = watch_bundles(rules)
    script = f"/bin/busybox true {marker}-child; exit 0"
    containers.run(container, ["/bin/sh", "-c", script, f"{marker}-first"], annotations(container))
    monitor.events.wait(lambda e: is_action("exit")(e) and has_argument(f"{marker}-first")(e))
    monitor.stop(15)

    events = monitor.events.all()
    told = [(get(e, "event.action"), get(e, "process.name"), get(e, "container.setup")) for e in events]
    first = next(n for n, e in enumerate(events) if is_action("exec")(e) and has_argument(f"{marker}-first")(e))
    setup, workload = events[:first], events[first:]
    assert "mount" in {get(e, "event.action") for e in setup}, f"the runtime mounts the file systems: {told}"
    assert all(get(e, "container.setup") is True for e in setup), told
    # What is left of the runtime's first stages may end after the workload has begun.
    pids = {get(e, "process.pid") for e in workload if is_action("exec")(e)}
    assert len(pids) == 2, told
    assert all(get(e, "container.setup") is None for e in workload if get(e, "process.pid") in pids), told


def test_a_sandbox_is_told_apart(
    containers: ContainerHost, watch_bundles: Callable, marker: str, tmp_path: Path
) -> None:
    container = containers.new()
    monitor = watch_bundles(write_rules(tmp_path / "rules.json", marked(marker)))
    containers.run(container, ["/bin/sh", "-c", "exit 0", marker], annotations(container, "sandbox"))
    [event] = monitor.events.wait(has_argument(marker))
    assert get(event, "container.kind") == "sandbox"
    assert get(event, "container.name") is None
    assert get(event, "k8s.pod.name") == f"pod-{container.id[:8]}"


def test_a_bundle_that_is_a_link_is_not_read(
    containers: ContainerHost, watch_bundles: Callable, marker: str, tmp_path: Path
) -> None:
    container = containers.new()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (containers.bundles / container.id).symlink_to(elsewhere)
    monitor = watch_bundles(write_rules(tmp_path / "rules.json", marked(marker)))
    containers.run(container, ["/bin/sh", "-c", "exit 0", marker], annotations(container))
    [event] = monitor.events.wait(has_argument(marker))
    assert get(event, "container.id") == container.id
    assert get(event, "container.metadata") == "partial"
    assert get(event, "container.name") is None


def test_a_replay_knows_the_names_when_the_bundles_are_gone(
    containers: ContainerHost, watch_bundles: Callable, marker: str, tmp_path: Path
) -> None:
    recording = tmp_path / "run.rec"
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    monitor = watch_bundles(rules, "--record", recording)
    container = containers.new()
    containers.run(container, ["/bin/sh", "-c", "exit 0", marker], annotations(container))
    monitor.events.wait(has_argument(marker))
    monitor.stop(15)
    lines = [line.decode() for line in monitor.out.lines]
    (containers.bundles / container.id).rename(tmp_path / "gone")

    result = run_bongsu("replay", recording, "--rules", rules)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == lines
    [event] = monitor.events.where(has_argument(marker))
    assert_identity(event, container)
