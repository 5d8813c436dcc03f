# SPDX-License-Identifier: Apache-2.0
"""Real containers: who did it is known from a container's very first exec on, however short it lives."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.container import ContainerHost, usable_runtimes
from support.monitor import Event, get, has_argument, is_action
from support.rules import marked, rule, write_rules

pytestmark = pytest.mark.kernel

SHORT_LIVED = 50
RUNTIMES = [runtime for runtime, reason in usable_runtimes().items() if not reason]


@pytest.fixture(params=RUNTIMES)
def containers(request: pytest.FixtureRequest, tmp_path: Path, compiled: Callable) -> Iterator[ContainerHost]:
    host = ContainerHost(tmp_path / "containers", request.param, [compiled("serve")])
    try:
        yield host
    finally:
        host.close()


def test_a_shell_in_a_container_is_told_on_stdout_and_to_the_webhook(
    containers: ContainerHost, watch: Callable, receive: Callable, marker: str, tmp_path: Path
) -> None:
    rules = write_rules(
        tmp_path / "rules.json",
        rule("shell-in-a-container", {
            "process.name": ["sh", "bash", "dash"],
            "container.id": {"exists": True},
            "process.args": {"contains": f"{marker}-inner"},
            "process.parent.name": "sh",
        }),
    )  # fmt: skip
    receiver = receive()
    monitor = watch(rules, "--webhook", receiver.url)
    container = containers.new()
    # A server, as the container's init, starts a shell, and that one another: the rule is about the last.
    inner = ["/bin/sh", "-c", "exit 0", f"{marker}-inner", "two words", ""]
    script = f"/bin/sh -c 'exit 0' {marker}-inner 'two words' ''; exit 0"
    outer = ["/bin/sh", "-c", script, "outer"]
    init = ["/srv/serve", *outer]
    containers.run(container, init)

    [alert] = monitor.events.wait(has_argument(f"{marker}-inner"))
    assert get(alert, "event.kind") == "alert"
    assert get(alert, "event.action") == "exec"
    assert get(alert, "rule.id") == "shell-in-a-container"
    assert get(alert, "rule.severity") == "high"
    assert get(alert, "container.id") == container.id
    assert get(alert, "k8s.pod.uid") == container.pod_uid
    assert get(alert, "process.args") == inner
    assert get(alert, "process.args_count") == len(inner)
    assert get(alert, "process.command_line") == " ".join(inner)
    assert get(alert, "process.name") == "sh"
    assert get(alert, "process.executable") == "/bin/busybox"
    assert get(alert, "process.requested_executable") == "/bin/sh"
    assert get(alert, "process.working_directory") == "/"
    assert {"ipc", "mnt", "net", "pid", "uts"} <= set(get(alert, "process.namespaces"))
    assert get(alert, "process.parent.name") == "sh"
    assert get(alert, "process.parent.executable") == "/bin/busybox"
    assert get(alert, "process.parent.args") == outer
    # Up to and including the container's init, and no further.
    assert get(alert, "process.ancestors.name") == ["sh", "serve"]
    assert get(alert, "process.ancestors.executable") == ["/bin/busybox", "/srv/serve"]

    monitor.stop(15)
    assert monitor.events.where(has_argument(f"{marker}-inner")) == [alert], "told more than once"
    assert receiver.alerts() == [alert], "the webhook is told something else"
    assert receiver.requests[0]["content-type"].startswith("application/json")
    assert get(alert, "event.id"), "an alert has an id, by which a receiver knows what it has already seen"


def test_start_and_stop_of_a_container_are_told_once(
    containers: ContainerHost, watch: Callable, tmp_path: Path
) -> None:
    container = containers.new()
    rules = write_rules(
        tmp_path / "rules.json",
        rule("start", {"container.id": container.id}, event="container_start"),
        rule("stop", {"container.id": container.id}, event="container_stop"),
    )
    monitor = watch(rules)
    containers.run(container, ["/bin/sh", "-c", "exit 0"])
    containers.close()  # the runtime has removed its cgroups, or this does

    monitor.events.wait(is_action("container_stop"))
    monitor.stop(15)
    events = monitor.events.where(is_action("container_start", "container_stop"))
    assert [get(event, "event.action") for event in events] == ["container_start", "container_stop"]
    assert {get(event, "k8s.pod.uid") for event in events} == {container.pod_uid}


@pytest.mark.parametrize("transport", ["ring", "perf"])
def test_short_lived_containers_are_never_without_their_id(
    containers: ContainerHost, watch: Callable, trace: Callable, marker: str, tmp_path: Path, transport: str
) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    monitor = watch(rules, "--transport", transport)
    tracer = trace("exec,fork,exit", "--transport", transport)
    made = {}
    for number in range(SHORT_LIVED):
        container = containers.new()
        name = f"{marker}-{number:03}"
        made[name] = container
        # Three execs that carry the name: the container's first, a nested shell, and its last. In between, 50 ms.
        script = f"/bin/sh -c '/bin/busybox usleep 50000; exit 0' {name}-nested; /bin/busybox true {name}-last; exit 0"
        containers.run(container, ["/bin/sh", "-c", script, f"{name}-first"])

    for what, source in {"alert": monitor, "event": tracer}.items():
        execs = source.events.wait(lambda e: is_action("exec")(e) and has_argument(marker)(e), 3 * SHORT_LIVED)
        source.stop(15)
        execs = source.events.where(lambda e: is_action("exec")(e) and has_argument(marker)(e))
        without = [event for event in execs if get(event, "container.id") is None]
        assert not without, f"{len(without)} {what}s without container.id, the first: {json.dumps(without[0])}"
        for name, container in made.items():
            own = [event for event in execs if has_argument(name)(event)]
            assert len(own) == 3, f"{name}: {len(own)} {what}s"
            assert {get(event, "container.id") for event in own} == {container.id}
            assert {get(event, "k8s.pod.uid") for event in own} == {container.pod_uid}
    assert_descendants_are_known(tracer.events.all(), marker, {container.id for container in made.values()})


def assert_descendants_are_known(events: list[Event], marker: str, containers: set[str]) -> None:
    """From a container's first exec on, all that its processes and theirs do carries its id: children too that execute
    something without the marker, and every exit."""
    inside: dict[str, str] = {}  # entity id of a process -> container
    seen = {"exec": 0, "fork": 0, "exit": 0}
    for event in sorted(events, key=lambda e: get(e, "@timestamp")):
        entity, parent = get(event, "process.entity_id"), get(event, "process.parent.entity_id")
        if is_action("exec")(event) and has_argument(marker)(event):
            inside[entity] = get(event, "container.id")
        elif is_action("fork")(event) and parent in inside:
            inside[entity] = inside[parent]
        if entity in inside:
            seen[get(event, "event.action")] += 1
            assert get(event, "container.id") == inside[entity], f"of another container, or none: {event}"
    assert set(inside.values()) == containers
    # Per container: the first shell, the nested one, usleep and true; the first one's fork is before its exec.
    count = len(containers)
    assert seen == {"exec": 4 * count, "fork": 3 * count, "exit": 4 * count}
